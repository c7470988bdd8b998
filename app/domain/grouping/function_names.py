"""What a function is called in every browser, engine and build."""

import re

# A minifier names functions anew in every build.
_MINIFIED_MAX_CHARS = 2
# Firefox's `async*pay` and `promise callback*pay`; V8's `async`, `new`, `get`.
_BEFORE = re.compile(r"(?:[\w .]++\*)*+(?:(?:async|new|get|set|static|bound) )*+")
_ALIAS = " [as "
_NAMELESS = re.compile(
    r"<anonymous(?: closure)?>|<unknown>|<redacted>|<eval>|anonymous|Anonymous function"
    r"|global code|module code|eval code|eval|<computed>|<main>|<top \(required\)>|<class:\w++>"
    r"|<global>|<module>|<top-level>|top level|\?|\{main\}|\(anonymous function\)"
)
# V8 writes `Cart.get total`, Firefox `get total`.
_ACCESSOR = re.compile(r"(?:get|set|static) ")
# Ruby's `block (2 levels) in pay`, and since 3.4 `Cart#pay`.
_RUBY_MADE = re.compile(r"(?:(?:block|rescue|ensure)(?: \(\d++ levels\))? in )*+(?:[A-Z][\w:]*+#)?")
_PHP_CLOSURE = re.compile(r"\{closure[^}]*\}")
_PHP_NAMELESS_CLASS = re.compile(r"@anonymous[^>]*?(?=->|::|$)")
_ADDRESS = re.compile(r"0x[0-9a-f]++", re.IGNORECASE)
# What the JVM and its frameworks make while they run, and number: `Cart$$Lambda$14/0x08`,
# `Cart$$EnhancerBySpringCGLIB$$1a2b3c4d`, `lambda$pay$0`, `Cart$1`, `access$100`.
_JVM_MADE = re.compile(r"\$\$[A-Za-z]\w*+(?:\$\$?\w++)*+(?:/0x[0-9a-f]++|/\d++)?")
_JVM_NUMBER = re.compile(r"\$\d++")
# `User$HibernateProxy$oRWxjAWT`, `User_$$_javassist_12`, `User_$$_jvst3e_1`.
_JVM_PROXY = re.compile(r"(?:\$HibernateProxy\$\w++|_\$\$_(?:javassist|jvst)\w*+)")
# `core$pay$fn__1539` of Clojure, `GeneratedMethodAccessor17`; `background.func2.1` of Go.
_NUMBERED = re.compile(
    r"(?:(?<=_erb)|(?<=_haml)|(?<=_slim))_++-?\d[\d_]*+$"  # templates, as Rails compiles them
    r"|(?<=\w__)\d++|(?<=Accessor)\d++(?=\.)|(?<=\$eval)\d++|(?<=\.func)\d[\d.]*+$"
)
# C++: spaces without a name, lambdas, and the arguments, which all differ between compilers.
_CPP_MADE = re.compile(
    r"(?:`anonymous[ -]namespace'|\(anonymous namespace\)|\?A0x[0-9a-f]++|_INTERNAL[0-9a-f]{8})::"
    r"|(?<=<lambda)_[0-9a-f]{32}(?=>)|(?<=::\$_)\d++|(?<=\)#)\d++(?=\})"
)
_CPP_ARGUMENTS = re.compile(r"(?<!operator)\([^()]*+\)(?: const)?$")
_DOTNET_MADE = re.compile(
    r"<>c__DisplayClass[\d_]++|<(?P<name>\w*+)>[bdg]__\w++(?:\|[\d_]++)?|`\d++|\[[\w,. `]*+\]$"
)
_SWIFT_CLOSURE = re.compile(r"(?:implicit )?closure #\d++ (?:\([^)]*+\) (?:-> ?[^ ]++ )?)?in ")
# What Swift's compiler puts in front of one's own function.
_SWIFT_MADE = re.compile(r"^(?:(?:partial apply for|@objc|merged|specialized|@nonobjc) )++")
_OFFSET = re.compile(r" \+ \d++$")
# Swift's `pay() (Cart.swift:12)`; Objective-C's `__42-[Cart pay]_block_invoke_2`.
_PLACE = re.compile(r" ?\([\w+-]++\.\w++:\d++\)$")
_BLOCK = re.compile(r"(?<=_block_invoke)(?:[._]\d++)++")


def function_name(name: str, *, is_script: bool) -> str:
    """Empty for a function without a name, or with one that the next build changes.

    `is_script` is of JavaScript, whose engines write the object in front or leave it out.
    """
    name = _BEFORE.sub("", name.strip(), count=1)  # it matches at the start, if only nothing
    if name.endswith("]") and _ALIAS in name:  # `close [as onClick]`
        name = name[: name.rfind(_ALIAS)]
    name = _PHP_NAMELESS_CLASS.sub("@anonymous", name)
    # Behind the last brace nothing could end one.
    closures, brace, rest = name.rpartition("}")
    name = _PHP_CLOSURE.sub("{closure}", closures + brace) + rest
    if is_script:
        # Firefox writes `test/<` for a function in `test`, and `Cart.prototype.pay` for `Cart.pay`.
        name = _ACCESSOR.sub("", re.split(r"[./]", name)[-1])
        name = name.strip("<") if not _NAMELESS.fullmatch(name) else ""
    elif "#" in name or " in " in name:
        name = _RUBY_MADE.sub("", name, count=1)
    elif "$" in name:
        name = _JVM_NUMBER.sub("$", _JVM_MADE.sub("", _JVM_PROXY.sub("", name)))
    elif "<" in name or "`" in name or "[" in name:
        name = _DOTNET_MADE.sub(lambda made: made["name"] or "", name)
    if not is_script:
        name = _SWIFT_MADE.sub("", _NUMBERED.sub("", name), count=1)
    name = _PLACE.sub("", _OFFSET.sub("", _SWIFT_CLOSURE.sub("closure in ", name)))
    name = _BLOCK.sub("", name)
    if "::" in name:
        name = _CPP_ARGUMENTS.sub("", _CPP_MADE.sub("", name))
    name = _ADDRESS.sub("", name).strip()
    if _NAMELESS.fullmatch(name) or len(name) <= _MINIFIED_MAX_CHARS:
        return ""
    return name
