"""Pairs of bugs that look alike and are two; stack_traces.py has those that are one."""

from tests.domain.grouping.stack_traces import Throw, messages, throws

FLUTTER = "".join(
    f"#{n}      Element{n}.build (package:flutter/src/widgets/framework.dart:{n}00:5)\n"
    for n in range(9)
)

TWO_BUGS = {
    "minified: other message": (
        Throw("    at t (main.js:1:2)", message="cannot read a"),
        Throw("    at t (main.js:1:2)", message="cannot read b"),
    ),
    "dart: obfuscated, other message": (
        Throw("    #00 abs 000000723d6346d7 virt 00000000001f6d7", message="No element"),
        Throw("    #00 abs 000000723d634aaa virt 00000000001faaa", message="Too many elements"),
    ),
    "v8: other function": throws(
        "    at pay (https://shop.example/app.js:1:2)",
        "    at refund (https://shop.example/app.js:1:2)",
    ),
    "v8: other file": throws(
        "    at run (https://shop.example/cart.js:1:2)",
        "    at run (https://shop.example/search.js:1:2)",
    ),
    "webpack: files named in camel case": throws(
        "    at render (https://shop.example/js/pages-HomePage.js:1:2)",
        "    at render (https://shop.example/js/pages-MainPage.js:1:2)",
    ),
    "v8: other caller": throws(
        "    at get (/app/get.js:1:2)\n    at cart (/app/cart.js:1:2)",
        "    at get (/app/get.js:1:2)\n    at search (/app/search.js:1:2)",
    ),
    "v8: the other way round": throws(
        "    at one (/app/a.js:1:2)\n    at two (/app/a.js:1:2)",
        "    at two (/app/a.js:1:2)\n    at one (/app/a.js:1:2)",
    ),
    "v8: nameless, with other messages": (
        Throw("    at https://shop.example/m.js:1:23", message="Row is missing"),
        Throw("    at https://shop.example/m.js:1:23", message="Column is missing"),
    ),
    "v8: own folder named internal": throws(
        "    at loadUser (/app/src/internal/user.js:1:2)\n    at run (/app/src/main.js:1:2)",
        "    at loadCart (/app/src/internal/cart.js:1:2)\n    at run (/app/src/main.js:1:2)",
    ),
    "node: in a library, from other code": throws(
        "    at parse (/app/node_modules/qs/parse.js:1:2)\n    at cart (/app/cart.js:1:2)",
        "    at parse (/app/node_modules/qs/parse.js:1:2)\n    at user (/app/user.js:1:2)",
    ),
    "node: other libraries, and no code of one's own": throws(
        "    at parse (/app/node_modules/qs/parse.js:1:2)",
        "    at render (/app/node_modules/pug/render.js:1:2)",
    ),
    "firefox: other function": throws(
        "zoom@https://shop.example/map.js:1:2", "pan@https://shop.example/map.js:1:2"
    ),
    "hermes: other function": throws(
        "    at swipe (address at index.android.bundle:1:23)",
        "    at scroll (address at index.android.bundle:1:23)",
    ),
    "dart: other method": throws(
        "#0      Cart.pay (package:shop/cart.dart:12:5)",
        "#0      Cart.clear (package:shop/cart.dart:12:5)",
    ),
    "dart: same place of the sdk, other code": throws(
        "#0      List.first (dart:core/list.dart:1:5)\n#1      A.last (package:shop/a.dart:1:9)",
        "#0      List.first (dart:core/list.dart:1:5)\n#1      B.last (package:shop/b.dart:1:9)",
    ),
    "dart: far below code of flutter": throws(
        FLUTTER + "#9      Cart.pay (package:shop/cart.dart:12:5)",
        FLUTTER + "#9      User.save (package:shop/user.dart:12:5)",
    ),
    "php: other method": throws(
        "#0 /var/www/Cart.php(12): App\\Cart->pay()", "#0 /var/www/Cart.php(12): App\\Cart->clear()"
    ),
    "php: vendor code called from other code": throws(
        "#0 /var/www/vendor/pdo/Pdo.php(1): Pdo->run()\n#1 /var/www/Cart.php(12): Cart->pay()",
        "#0 /var/www/vendor/pdo/Pdo.php(1): Pdo->run()\n#1 /var/www/User.php(12): User->save()",
    ),
    "jvm: other class": throws(
        "\tat com.acme.Cart.run(Cart.kt:12)", "\tat com.acme.User.run(User.kt:12)"
    ),
    "jvm: other package": throws(
        "\tat com.acme.cart.Main.run(Main.kt:12)", "\tat com.acme.user.Main.run(Main.kt:12)"
    ),
    "no stack: other words": messages("No network", "No disk space"),
    "no stack: message and none": messages("No network", None),
    "with and without a stack": (
        Throw("    at pay (/app/cart.js:1:2)"),
        Throw(),
    ),
    "no readable frame: other words": throws("in the cart", "in the search"),
}
