// Carries an invitation from the address that somebody was sent (/join#pio_invite_…) into the form
// that asks for it, past logging in or registering, without any server seeing it in an address.

const KEY = "invitation";

export function startInvitation() {
  const sent = location.hash.slice(1);
  if (sent.startsWith("pio_invite_")) {
    sessionStorage.setItem(KEY, sent);
    history.replaceState(null, "", location.pathname + location.search);
  }
  const field = document.querySelector("input[name=invitation]");
  const kept = sessionStorage.getItem(KEY);
  if (!field || !kept) return;
  if (!field.value) field.value = kept;
  field.form.addEventListener("submit", () => sessionStorage.removeItem(KEY));
}
