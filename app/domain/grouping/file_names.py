"""What a file is called in every build and on every device.

Folders, hosts, versions, numbers and hashes differ between two builds of one file. Where nothing is
left, or a name that many files have (`index`, `route`), the folders above it tell them apart.
"""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

_POSITION = re.compile(r"(?::\d++){1,2}(?!\d)$|\(\d++\)$|:line \d++$")
_QUERY = re.compile(r"[?#].*+$", re.DOTALL)
# `https://host`, `file://`, `blob:https://host`, `webpack-internal:///(rsc)/.`, `app:///`.
_ORIGIN = re.compile(r"(?:blob:)?[A-Za-z][\w+.-]*+://(?P<host>[^/]*+)(?:/\([^)/]*+\)(?=/))?")
_ENDING = re.compile(
    r"(?:\.(?:min|prod|production|dev|development|bundle|chunk|esm?|umd|cjs))*+"
    r"\.(?:[cm]?jsx?|[cm]?tsx?|vue|svelte|astro|dart|php|phtml|kts?|java|swift|mm?|cpp|cc|cs|fs"
    r"|vb|py"
    r"|rb|go|rs|html?|aspx?|jsp|map|cshtml|razor|scala|groovy|clj|exs?|lua|pl|(?:html?\.)?erb"
    r"|(?:html\.)?(?:haml|slim|twig|ejs|hbs|pug|mdx)|blade\.php)$",
    re.IGNORECASE,
)
# The bundle of a phone holds the whole app, wherever it lies.
_PHONE_BUNDLE = re.compile(r"\.(?:jsbundle|bundle|hbc)$")

# A bundler's eight signs of base64 or base32 at the end, unless they are words (`-HomePage`,
# `-checkout`): Vite, Rollup, esbuild.
_BUNDLE_HASH = re.compile(
    r"[.-](?![a-z]*(?:[A-Z][a-z]{2,})*$)(?=[\w-]{8}$)(?=[\w-]*[A-Z\d])[\w-]{8}$", re.ASCII
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SEPARATOR = re.compile(r"([-._~@!+ ]++)")
_NUMBER = re.compile(r"v?\d++|r\d++|(?:alpha|beta|rc|canary|next|build|pre|dev|snapshot)\d*+", re.I)
# Hexadecimal with a digit from six signs on, without one from eight on, where no word is so long.
_HEX = re.compile(r"(?=[a-f]*\d)[0-9a-f]{6,}|[a-f]{8,}", re.IGNORECASE)
# Letters and digits by turns; `base64`, `oauth2`, and `step12` are words.
_MIXED = re.compile(
    r"(?!(?:[A-Za-z]++\d{1,3}[A-Za-z]*+)$)(?=[a-zA-Z]*\d)(?=\d*[a-zA-Z])[A-Za-z0-9]{6,}"
)

# Names that many files of one app have.
_SAYS_NOTHING = frozenset(
    "index main route routes page layout template default error loading not-found mod init __init__"
    " controller handler server client view views model models util utils helper helpers store"
    " types"
    " constants config app bundle chunk entry start run script common shared component components"
    " service services module anonymous generated sourcefile unknown source eval code +page +layout"
    " middleware actions action hooks hook resolver resolvers schema schemas queries query styles"
    " style screen screens edit show create new update delete list details detail form modal item"
    " header footer spec test settings types base core container containers reducer reducers slice"
    " effects selectors lib root head program interceptor guard pipe directive context provider"
    " providers widget mixin mixins trait helpers_test repository dao dto entity validator routing"
    " +server +error +page.server +layout.server +page.ts lambda function functions api".split()
)
# Folders that differ between devices, builds and servers, or that all files lie in.
_NO_FOLDERS = frozenset(
    "var app files cache caches library documents storage code_cache .expo-internal codepush"
    " application support frameworks private mobile"
    " _next _nuxt static chunks chunk assets asset dist build built out output public www html js"
    " css"
    " es esm cjs lib libs src source sources main java kotlin scala bin obj debug release releases"
    " current home srv opt usr local root tmp temp mnt workspace workspaces code repo"
    " repos project projects deploy deployed sites htdocs webroot web client server resources"
    " scripts desktop downloads"
    " production staging . ..".split()
)
_FOLDERS = 2
# Up to what belongs to one person, one phone or one installation.
_OWNERS_FOLDER = re.compile(
    # Where services build, and run what they built.
    r"^(?:/builds/(?:[^/]++/)?[^/]++|(?:/home|/Users)/runner/work/[^/]++/[^/]++|/github/workspace"
    r"|/home/vsts/work/\d++/s|[A-Za-z]:/a/[^/]++/[^/]++|/vercel/path\d++|/var/task"
    r"|/opt/render/project"
    r"|/home/circleci/[^/]++|/bitrise|/Users/vagrant/git|/codebuild/output/[^/]++|/drone"
    r"|(?:/root/\.jenkins|/var/(?:lib/)?jenkins(?:_home)?)/workspace/[^/]++|/tmp/build[-_]\w++"
    r"|/opt/atlassian/pipelines/agent/build|/usr/src/app|/opt/(?:[^/]++)(?=/(?:dist|src|build)/)"
    r"|/android_asset/www|/nix/store/[^/]++|/var/lib/docker/overlay2/[^/]++/(?:merged|diff)"
    r"|/data/app/(?:~~[^/]++/)?[^/]++"
    r"|(?:/home|/Users|[A-Za-z]:/Users|/data/(?:user/\d++|user_de/\d++|data)"
    r"|(?:/private)?/var/(?:containers|mobile/Containers)/(?:Bundle|Data)/Application"
    r"|/storage/emulated/\d++/Android/data)/[^/]++)(?=/)"
)


def file_name(location: str) -> str:
    """The file's own name; empty where nothing of it lasts. `location` may have a position."""
    return _names(without_position(location)).told


def stem_of(location: str) -> str:
    """The last part alone, without its ending and what does not last."""
    return _names(without_position(location)).stem


class _Names(NamedTuple):
    told: str
    stem: str


# A stack has few files, and one app's stacks have the same.
@lru_cache(maxsize=1024)
def _names(location: str) -> _Names:
    folders, _, last = _path(location).rpartition("/")
    stem = _lasting(_ENDING.sub("", last))
    if phone := _PHONE_BUNDLE.search(last):
        return _Names(_lasting(last[: phone.start()]) + phone[0], stem)
    if stem and not _says_nothing(stem):
        return _Names(stem, stem)
    above = [lasting for folder in folders.split("/") if (lasting := _folder(folder))]
    return _Names("/".join([*above[-_FOLDERS:], stem]), stem)


def _says_nothing(stem: str) -> bool:
    """Also what stands for a part of the address: `[id]`, `[...slug]`, `$id`."""
    is_parameter = stem.startswith(("[", "$")) or (stem[0] == "(" and stem[-1] == ")")
    words = stem.lower().lstrip("_")
    # `entry.client`, `app.component`, `index.server`.
    return is_parameter or words in _SAYS_NOTHING or _SAYS_NOTHING.issuperset(words.split("."))


def without_position(location: str) -> str:
    """The file as it is told, without line and column."""
    location = location.strip().removeprefix("address at ")
    if location.startswith("eval at "):  # V8: `eval at run (https://host/a.js:1:2), …`
        location = location.rpartition("(")[2].partition(")")[0]
    return _POSITION.sub("", location)


def _path(location: str) -> str:
    location = _POSITION.sub("", _QUERY.sub("", location)).replace("\\", "/")
    if origin := _ORIGIN.match(location):
        location = location[origin.end() :]
    return _OWNERS_FOLDER.sub("", unquote(location))


def _folder(folder: str) -> str:
    """Empty for one that says nothing of the file."""
    if folder.lower() in _NO_FOLDERS or folder.endswith((".app", ".asar", ".apk")):
        return ""
    return _lasting(folder)


def _lasting(name: str) -> str:
    """Without ids, hashes, versions and numbers."""
    name = _UUID.sub("", _BUNDLE_HASH.sub("", name))
    pieces = _SEPARATOR.split(name)
    kept = ""
    for separator, word in zip(["", *pieces[1::2]], pieces[::2], strict=True):
        if not _is_passing(word):
            kept += separator + word
    return kept.strip("-._~@! ")


def _is_passing(word: str) -> bool:
    return not word or any(p.fullmatch(word) for p in (_NUMBER, _HEX, _MIXED))
