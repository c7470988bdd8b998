"""What the dialog about a crash says, in each language that it speaks."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class DialogTexts:
    """One field for each part of the dialog, in the order in which they are seen."""

    title: str
    subtitle: str
    subtitle2: str
    label_name: str
    label_email: str
    label_comments: str
    label_close: str
    label_submit: str
    error_generic: str
    error_form_entry: str
    success_message: str


DEFAULT_LANGUAGE = "en"
TEXTS: Mapping[str, DialogTexts] = MappingProxyType(
    {
        "en": DialogTexts(
            "Something went wrong",
            "The error was reported to those who can mend it.",
            "What did you do before it happened? Your words help to find the cause.",
            "Name",
            "Email",
            "What happened?",
            "Close",
            "Send",
            "Your report could not be sent. Please try again.",
            "Some fields cannot be sent as they are. Please look at them again.",
            "Your report was sent. Thank you!",
        ),
        "de": DialogTexts(
            "Etwas ist schiefgegangen",
            "Der Fehler wurde denen gemeldet, die ihn beheben können.",
            "Was haben Sie davor getan? Ihre Worte helfen, die Ursache zu finden.",
            "Name",
            "E-Mail",
            "Was ist passiert?",
            "Schließen",
            "Senden",
            "Ihre Meldung konnte nicht gesendet werden. Bitte versuchen Sie es noch einmal.",
            "Einige Felder können so nicht gesendet werden. Bitte sehen Sie sie noch einmal an.",
            "Ihre Meldung wurde gesendet. Vielen Dank!",
        ),
        "fr": DialogTexts(
            "Un problème est survenu",
            "L’erreur a été signalée à ceux qui peuvent la corriger.",
            "Que faisiez-vous juste avant ? Vos mots aident à trouver la cause.",
            "Nom",
            "E-mail",
            "Que s’est-il passé ?",
            "Fermer",
            "Envoyer",
            "Votre message n’a pas pu être envoyé. Veuillez réessayer.",
            "Certains champs ne peuvent pas être envoyés ainsi. Veuillez les vérifier.",
            "Votre message a été envoyé. Merci !",
        ),
        "es": DialogTexts(
            "Algo ha salido mal",
            "El error se ha comunicado a quienes pueden arreglarlo.",
            "¿Qué hizo usted antes? Sus palabras ayudan a encontrar la causa.",
            "Nombre",
            "Correo electrónico",
            "¿Qué ha pasado?",
            "Cerrar",
            "Enviar",
            "No se ha podido enviar su mensaje. Inténtelo de nuevo.",
            "Algunos campos no se pueden enviar así. Revíselos, por favor.",
            "Su mensaje se ha enviado. ¡Gracias!",
        ),
        "pt": DialogTexts(
            "Algo deu errado",
            "O erro foi comunicado a quem pode corrigi-lo.",
            "O que você fez antes? Suas palavras ajudam a encontrar a causa.",
            "Nome",
            "E-mail",
            "O que aconteceu?",
            "Fechar",
            "Enviar",
            "Não foi possível enviar sua mensagem. Tente novamente.",
            "Alguns campos não podem ser enviados assim. Verifique-os, por favor.",
            "Sua mensagem foi enviada. Obrigado!",
        ),
        "it": DialogTexts(
            "Qualcosa è andato storto",
            "L’errore è stato segnalato a chi può correggerlo.",
            "Che cosa ha fatto prima? Le sue parole aiutano a trovare la causa.",
            "Nome",
            "E-mail",
            "Che cosa è successo?",
            "Chiudi",
            "Invia",
            "Non è stato possibile inviare il messaggio. Riprovi, per favore.",
            "Alcuni campi non possono essere inviati così. Li controlli, per favore.",
            "Il messaggio è stato inviato. Grazie!",
        ),
        "nl": DialogTexts(
            "Er is iets misgegaan",
            "De fout is gemeld aan wie hem kan oplossen.",
            "Wat deed u ervoor? Uw woorden helpen om de oorzaak te vinden.",
            "Naam",
            "E-mail",
            "Wat is er gebeurd?",
            "Sluiten",
            "Versturen",
            "Uw bericht kon niet worden verstuurd. Probeer het opnieuw.",
            "Sommige velden kunnen zo niet worden verstuurd. Kijk ze nog eens na.",
            "Uw bericht is verstuurd. Dank u wel!",
        ),
        "pl": DialogTexts(
            "Coś poszło nie tak",
            "Błąd zgłoszono osobom, które mogą go naprawić.",
            "Co działo się wcześniej? Każde słowo pomaga znaleźć przyczynę.",
            "Imię i nazwisko",
            "E-mail",
            "Co się stało?",
            "Zamknij",
            "Wyślij",
            "Nie udało się wysłać zgłoszenia. Proszę spróbować ponownie.",
            "Niektórych pól nie można wysłać w tej postaci. Proszę je sprawdzić.",
            "Zgłoszenie zostało wysłane. Dziękujemy!",
        ),
        "ja": DialogTexts(
            "問題が発生しました",
            "エラーは修正できる担当者に報告されました。",
            "直前に何をしましたか。詳しい説明が原因の特定に役立ちます。",
            "お名前",
            "メールアドレス",
            "何が起こりましたか",
            "閉じる",
            "送信",
            "送信できませんでした。もう一度お試しください。",
            "送信できない項目があります。もう一度ご確認ください。",
            "送信しました。ありがとうございます。",
        ),
        "zh": DialogTexts(
            "出现了问题",
            "错误已报告给可以修复它的人员。",
            "在此之前您做了什么？您的描述有助于找到原因。",
            "姓名",
            "电子邮件",
            "发生了什么？",
            "关闭",
            "发送",
            "您的报告未能发送，请重试。",
            "有些内容无法发送，请检查。",
            "您的报告已发送，谢谢！",
        ),
    }
)
