"""Whether a frame is of the app's own code, by what its function and its file are called.

What is not known here counts as the app's own: a frame too many splits an issue, and one too few
makes all bugs below a framework one.
"""

import re
from functools import lru_cache

from app.domain.frames import Frame
from app.domain.grouping.file_names import stem_of, without_position

# Packages and name spaces, as the names of functions begin: JVM, .NET, PHP.
_LIBRARY_NAMES = re.compile(
    r"(?:java|javax|jakarta|jdk|sun|kotlin|kotlinx|scala|groovy|clojure|android|androidx|dalvik"
    r"|libcore|dagger|okhttp3|okio|retrofit2|rx|reactor|coil|hilt_aggregated_deps|junit|lombok)\."
    r"|com\.(?:sun|android|google\.(?:android|firebase|common|gson|dagger|protobuf|mlkit)|facebook"
    r"|fasterxml|squareup|bumptech|zaxxer|mysql|mongodb|intellij|rabbitmq|swmansion|th3rdwave"
    r"|airbnb|amazonaws)\."
    r"|org\.(?:apache|springframework|hibernate|eclipse|jetbrains|json|slf4j|junit|postgresql"
    r"|chromium|webkit|w3c|xml|aspectj|codehaus|jboss|wildfly|mockito|koin|conscrypt|hsqldb|h2"
    r"|quartz|thymeleaf|xmlpull|lwjgl|objectweb|reactivestreams|reactnative)\."
    r"|io\.(?:netty|reactivex|ktor|grpc|flutter|micrometer|micronaut|quarkus|vertx|realm|undertow"
    r"|sentry|opentelemetry|projectreactor|jsonwebtoken|lettuce|coil|insert-koin)\."
    r"|(?:akka|leakcanary|timber|coil\d|cats|zio|play\.(?:api|core|mvc|libs)|feign|graphql|oracle"
    r"|redis\.clients|software\.amazon|com\.(?:ibm|oracle|microsoft|datastax|stripe|segment|adjust"
    r"|appsflyer|onesignal|bugsnag|newrelic|datadog|mixpanel|amplitude|unity3d|typesafe"
    r"|github\.bump"
    r"tech)|net\.(?:sqlcipher|java)|arrow\.(?:core|fx)|kotlinx?\.|splitties|moxy|mu\.KLogger)\."
    r"|ch\.qos\.|net\.bytebuddy\.|net\.sf\.|expo\.modules\.|\$Proxy\d|(?:com"
    r"|jdk)\.(?:sun\.)?proxy\."
    # PHP's way from one file to the next.
    r"|(?:require|include)(?:_once)?$"
    # .NET and Unity.
    r"|(?:System|Microsoft|Xamarin|Mono|MonoTouch|MS|Interop|Internal|Windows|Newtonsoft|Avalonia"
    r"|UIKit|UnityEngine|UnityEditor|Unity|Cysharp|NUnit|Xunit|Serilog|Polly|Dapper|Npgsql"
    r"|AutoMapper"
    r"|MediatR|FluentValidation|Autofac|Castle|Grpc|Refit)\."
    # PHP.
    r"|\\?(?:Illuminate|Symfony|Laravel|Doctrine|Psr|Composer|Monolog|GuzzleHttp|Twig|Zend|Laminas"
    r"|Slim|League|Predis|Nette|Livewire|Filament|Inertia|Spatie|Carbon|PHPUnit|Magento\\Framework"
    r"|yii|CodeIgniter|Cake|Phalcon|Drupal\\Core|Drupal\\Component|Amp|React|Ramsey|Nyholm|Sentry)"
    r"\\"
)
# Name spaces of C++ and Rust, and what compilers write: Swift's thunks, .NET's expressions.
_NATIVE_LIBRARY_NAMES = re.compile(
    r"_ZN?K?St|<?(?:void )?(?:std|alloc|boost|crashpad|google_breakpad|absl|__gnu_cxx"
    r"|sentry|tokio|futures|hyper"
    r"|actix|axum|tower|rocket|rayon|serde|serde_json|tracing|anyhow|backtrace"
    r"|(?:tokio|futures|tower|actix|sentry)_\w++"
    r"|core::(?:panicking|ops|result|option|iter|fmt)|log::__private\w*+)::|log::__private_api"
    r"|_*+rust_(?:maybe_catch_panic|begin_unwind|panic\w*+)\b|invoke_main$|__scrt_"
    r"|RtlUserThreadStart|RtlpTpWorkCallback|BaseThreadInitThunk|TppWorkerThread"
    r"|(?:partial apply for )?(?:reabstraction )?thunk |@callee_guaranteed|<redacted>|<deduplicated"
    r"|<compiler-generated>|lambda_method\d*+$"
)
# Where their files lie.
_LIBRARY_PLACES = re.compile(
    r"(?:^|[/\\])(?:node_modules|bower_components|jspm_packages|\.pnpm|\.yarn|vendors?"
    r"|site-packages"
    r"|dist-packages|gems|wp-includes|wp-admin|third_party|webpack(?=/(?:bootstrap|runtime|hot"
    r"|startup|before|container|sharing))|\.pub-cache|\.cargo/registry|rustc)[/\\]"
    r"|^(?:node:|internal/|native\b|native code|webpack/|webpack:///?webpack/|\(?webpack\)"
    r"|webpack-internal:///(?:\([^)/]*+\)/)?webpack/|dart:|evalmachine|(?:deps|ext):"
    r"|/rustc/|/usr/(?:lib|share|local/(?:lib|go))/|/System/|/apex/|/system/)"
    r"|https?://(?:js\.stripe\.com|(?:www\.)?google(?:tagmanager|-analytics)\.com"
    r"|connect\.facebook\.net|cdn\.jsdelivr\.net/npm|unpkg\.com|cdnjs\.cloudflare\.com"
    r"|ajax\.googleapis\.com|maps\.googleapis\.com|www\.gstatic\.com|code\.jquery\.com"
    r"|browser\.sentry-cdn\.com|static\.hotjar\.com|cdn\.segment\.com|widget\.intercom\.io"
    r"|static\.cloudflareinsights\.com|js\.hs-scripts\.com|snap\.licdn\.com)/"
    r"|node_modules_|(?:chrome|moz|safari|safari-web|ms-browser|opera|edge)-extension:"
    r"|^chrome://|^resource://"
    r"|^webkit-masked-url:|\[native code\]|\[internal function\]|^<anonymous>$|^index \d"
    r"|^Native Method$"
    r"|InternalBytecode\.js|/lib/python\d"
    r"|/go/pkg/mod/|^org-dartlang-sdk:|/packages/flutter(?:_\w++)?/|^eval code$"
    r"|^(?:@babel/runtime|core-js|tslib|regenerator-runtime)/"
    r"|[\\/][Ww](?:indows|INDOWS)[\\/](?:[Ss]ystem32|SYSTEM32|SysWOW64|WinSxS)[\\/]"
    r"|\\VC\\Tools\\MSVC\\"
    r"|/com\.unity\.[\w.]++/|/PackageCache/"
)
# `package:…` of Dart is the app's own package, unless it is one of these.
_DART_LIBRARIES = re.compile(
    r"package:(?:flutter|flutter_\w++|sky_engine|test|test_api|matcher|async|collection|stack_trace"
    r"|http|http_parser|dio|provider|bloc|hydrated_bloc|riverpod|hooks_riverpod|get|get_it"
    r"|go_router"
    r"|auto_route|rxdart|path|path_provider|shared_preferences|sqflite|hive|isar|drift|moor"
    r"|firebase_\w++"
    r"|cloud_\w++|cached_network_image|image|intl|json_annotation|freezed_annotation|built_value"
    r"|mobx|redux|stream_transform|source_span|meta|characters|vector_math|web_socket_channel"
    r"|url_launcher|webview_flutter|video_player|sentry(?:_\w++)?|pionne(?:_\w++)?)/"
)
_OFFSET = re.compile(r" \+ \d++$")
# Bundles that hold no code of the app, by their name without hashes and ending.
_LIBRARY_BUNDLE = re.compile(
    r"(?:vendors?(?:[-.~_].*+)?|(?:chunk|common|commons|npm|app)[-.~_]vendors?|npm[-.~_].++"
    r"|(?:polyfills?|framework|webpack"
    r"|webpack-runtime|runtime"
    r"|react|react-native|scheduler|jquery|zone|angular|vue|lodash|moment|bootstrap|require|system"
    r"|core-js|gtm|gtag|analytics|fbevents|hotjar|recaptcha__\w++|es6-promise|axios|rxjs|preact"
    r"|ember|backbone|d3|socket\.io|alpine|htmx|turbo|stimulus|swiper|three|chart|firebase)"
    r"(?:[-.~_](?:slim|prod(?:uction)?|dev(?:elopment)?|bundler|bundle|chunk|esm?|umd|cjs"
    r"|global|runtime"
    r"|evergreen"
    r"|core|dom|router|client|browser|legacy|module|modern|compat|app|auth|index|main))*+)",
    re.IGNORECASE,
)
# Images of Apple's systems, Android's native libraries, and the engines that apps embed.
_LIBRARY_IMAGE = re.compile(
    r"(?:lib[\w.+-]*\.dylib|lib(?:c|m|dl|log|art|artbase|utils|binder|hwui|gui|android"
    r"|android_runtime|egl"
    r"|EGL|GLES\w++|vulkan|c\+\+\w*+|nativeloader|nativehelper|openjdk|javacore|jsc|hermes\w*+"
    r"|jsi|fbjni"
    r"|reactnative\w*+|flutter|mono\w*+|il2cpp|unity|coreclr|System\.Native|webviewchromium)\.so"
    r"|dyld(?:_sim)?|\w*UIKit\w*|Foundation|CoreFoundation|CFNetwork"
    r"|GraphicsServices|SwiftUI|SwiftUICore|AttributeGraph|QuartzCore|Combine|Metal\w*|WebKit"
    r"|WebCore"
    r"|JavaScriptCore|CoreData|CoreGraphics|CoreLocation|CoreMedia|CoreText|AVFoundation|AVFCore"
    r"|Network|Security|MapKit|StoreKit|Photos|RunningBoardServices|FrontBoardServices"
    r"|BackBoardServices"
    r"|CoreAutoLayout|TextInput\w*|AppKit|HIToolbox|Flutter|App\.framework|hermes|React|React-\w++"
    r"|RCT\w++|ReactCommon|UnityFramework|base\.odex|boot[\w.-]*+\.oat|linker(?:64)?"
    r"|app_process\w*|\[vdso\]|\?\?\?|libBugly\.so|libsentry[\w-]*+\.so|libcrash\w*+\.so"
    r"|Sentry(?:SwiftUI)?|Pionne(?:Feedback)?|Bugsnag|OpenGL(?:ES)?|GLEngine|AppleIntel\w++"
    r"|AppleMetal\w++|AMDRadeon\w++|AMDMTL\w++|GeForce\w++|AGX\w++|IOKit|IOSurface|CoreImage"
    r"|CoreVideo|CoreAudio|AudioToolbox|CoreML|ImageIO)"
)
# Where all of a program begins, written by its author or not.
_ENTRY_POINT = re.compile(r"_?main|start|wmain|w?WinMain")
_NATIVE_FILE = re.compile(r"\.(?:c|cc|cpp|cxx|m|mm|rs|swift|inl)$")


def is_own(frame: Frame) -> bool:
    """Whether the app's team wrote it, as far as names tell."""
    if _NATIVE_LIBRARY_NAMES.match(frame.function):
        return False
    file = without_position(frame.file)
    is_native = bool(frame.image or _NATIVE_FILE.search(file))
    if is_native and _ENTRY_POINT.fullmatch(_OFFSET.sub("", frame.function)):
        return False
    if frame.image:
        return not _LIBRARY_IMAGE.fullmatch(frame.image)
    return not _LIBRARY_NAMES.match(frame.function) and _is_own_file(file)


@lru_cache(maxsize=1024)
def _is_own_file(file: str) -> bool:
    if _LIBRARY_PLACES.search(file):
        return False
    if file.startswith("package:"):
        return not _DART_LIBRARIES.match(file)
    return not _LIBRARY_BUNDLE.fullmatch(stem_of(file))
