"""Throws of bugs in many languages: pairs that are one bug; two_bugs.py has those that are not."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Throw:
    """One exception; the stack's lines are those of `text`."""

    text: str = ""
    message: str | None = "It broke"
    type: str = "Error"

    @property
    def stack(self) -> list[str]:
        return self.text.splitlines()


def throws(*texts: str) -> tuple[Throw, ...]:
    return tuple(Throw(text) for text in texts)


def messages(*messages: str | None) -> tuple[Throw, ...]:
    return tuple(Throw(message=message) for message in messages)


ONE_BUG = {
    "v8: other build hash": throws(
        "TypeError: x is undefined\n"
        "    at pay (https://shop.example/static/js/main.4f3a2b1c.js:2:3456)\n"
        "    at onClick (https://shop.example/static/js/main.4f3a2b1c.js:2:789)",
        "TypeError: x is undefined\n"
        "    at pay (https://shop.example/static/js/main.91d0e2aa.js:2:3460)\n"
        "    at onClick (https://shop.example/static/js/main.91d0e2aa.js:2:791)",
    ),
    "vite: a hash with and without a digit": throws(
        "    at order (https://shop.example/assets/index-D4eF9hIj.js:1:2345)",
        "    at order (https://shop.example/assets/index-BkLmNoPq.js:1:2351)",
    ),
    "vite: a hash with and without an underscore": throws(
        "    at refund (https://shop.example/assets/index-D_x3kQ9Z.js:1:2345)",
        "    at refund (https://shop.example/assets/index-D4eF9hIj.js:1:2351)",
    ),
    "esbuild: a hash of capitals with and without a digit": throws(
        "    at weigh (https://shop.example/chunk-OC4QK2DZ.js:1:2345)",
        "    at weigh (https://shop.example/chunk-OCXQKLDZ.js:1:2351)",
    ),
    "webpack: other chunk hash": throws(
        "    at ship (https://shop.example/js/cart.3b1f09c2d4e5.chunk.js:1:20)",
        "    at ship (https://shop.example/js/cart.a90c1d2e3f44.chunk.js:1:31)",
    ),
    "v8: other line and column": throws(
        "    at addItem (https://shop.example/app.js:12:5)\n"
        "    at run (https://shop.example/app.js:90:1)",
        "    at addItem (https://shop.example/app.js:40:17)\n"
        "    at run (https://shop.example/app.js:99:1)",
    ),
    "v8: other query": throws(
        "    at search (https://shop.example/find.js?v=17:12:5)",
        "    at search (https://shop.example/find.js?v=18&cache=no#top:12:5)",
    ),
    "v8: other host, and a file address": throws(
        "    at login (https://shop.example/auth.js:12:5)",
        "    at login (file:///Users/jo/shop/auth.js:12:5)",
    ),
    "v8: with and without async": throws(
        "    at Cart.load (/app/cart.js:1:2)\n    at async start (/app/main.js:3:4)",
        "    at async Cart.load (/app/cart.js:1:2)\n    at start (/app/main.js:3:4)",
    ),
    "v8: other place in Promise.all": throws(
        "    at fetchAll (/app/fetch.js:1:2)\n    at async Promise.all (index 0)",
        "    at fetchAll (/app/fetch.js:1:2)\n    at async Promise.all (index 7)",
    ),
    "v8: method called under another name": throws(
        "    at Object.close [as onClick] (/app/dialog.js:1:2)",
        "    at Object.close (/app/dialog.js:1:2)",
    ),
    "v8: eval'd on another line": throws(
        "    at calc (eval at run (https://shop.example/rules.js:10:5), <anonymous>:1:1)",
        "    at calc (eval at run (https://shop.example/rules.js:11:9), <anonymous>:1:1)",
    ),
    "v8: nameless, with another number in the message": (
        Throw("    at https://shop.example/m.js:1:23", message="Row 17 is missing"),
        Throw("    at https://shop.example/m.js:1:99", message="Row 3 is missing"),
    ),
    "firefox: other build hash and position": throws(
        "zoom@https://shop.example/js/map.4f3a2b1c.js:2:3456\n"
        "@https://shop.example/js/map.4f3a2b1c.js:9:1",
        "zoom@https://shop.example/js/map.77aa01bc.js:3:11\n"
        "@https://shop.example/js/map.77aa01bc.js:8:2",
    ),
    "firefox: with and without its async marker": throws(
        "draw@https://shop.example/draw.js:1:2\nasync*paint@https://shop.example/draw.js:3:4",
        "draw@https://shop.example/draw.js:1:2\npaint@https://shop.example/draw.js:3:4",
    ),
    "firefox: other async markers": throws(
        "wait@https://shop.example/wait.js:1:2\nasync*rest@https://shop.example/wait.js:3:4",
        "wait@https://shop.example/wait.js:1:2\n"
        "promise callback*rest@https://shop.example/wait.js:3:4",
    ),
    "safari: other version of its own code": throws(
        "sum@https://shop.example/sum.js:2:33\n"
        "forEach@[native code]\n"
        "global code@https://shop.example/sum.js:7:1",
        "sum@https://shop.example/sum.js:4:1\nglobal code@https://shop.example/sum.js:9:1",
    ),
    "react native, jsc: other install folder": throws(
        "tap@/var/containers/Bundle/Application/1F2E-33/Shop.app/main.jsbundle:1:234",
        "tap@/var/containers/Bundle/Application/9A8B-71/Shop.app/main.jsbundle:1:240",
    ),
    "hermes: other bytecode address": throws(
        "    at swipe (address at index.android.bundle:1:23456)\n"
        "    at anonymous (address at index.android.bundle:1:9)",
        "    at swipe (address at index.android.bundle:1:99887)\n"
        "    at anonymous (address at index.android.bundle:1:4)",
    ),
    "hermes: device path and development server": throws(
        "    at scroll (address at /data/user/0/com.acme/files/index.android.bundle:1:23)",
        "    at scroll (http://10.0.2.2:8081/index.android.bundle?platform=android&dev=true:88:12)",
    ),
    "node: other folder and old and new module": throws(
        "    at charge (/srv/releases/2026-05-01/src/charge.js:12:5)\n"
        "    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)",
        "    at charge (file:///srv/releases/2026-05-07/src/charge.js:14:9)\n"
        "    at process.processTicksAndRejections (node:internal/process/task_queues:103:5)",
    ),
    "node: on windows": throws(
        "    at bill (C:\\shop\\src\\bill.js:12:5)",
        "    at bill (/srv/shop/src/bill.js:13:7)",
    ),
    "node: other version of a library": throws(
        "    at Layer.handle (/app/node_modules/express/lib/router/layer.js:95:5)\n"
        "    at tax (/app/src/tax.js:1:2)",
        "    at Layer.handleRequest (/app/node_modules/router/lib/layer.js:152:17)\n"
        "    at tax (/app/src/tax.js:1:2)",
    ),
    "dart: other line": throws(
        "#0      Cart.pay (package:shop/cart.dart:12:5)\n"
        "#1      Shop.run.<anonymous closure> (package:shop/shop.dart:3:4)",
        "#0      Cart.pay (package:shop/cart.dart:44:9)\n"
        "#1      Shop.run.<anonymous closure> (package:shop/shop.dart:8:1)",
    ),
    "dart: other sdk, and its suspension": throws(
        "#0      List.first (dart:core-patch/growable_array.dart:343:5)\n"
        "#1      Basket.last (package:shop/basket.dart:12:9)",
        "#0      List.first (dart:core/list.dart:12:1)\n<asynchronous suspension>\n"
        "#1      Basket.last (package:shop/basket.dart:12:9)",
    ),
    "php: other arguments": throws(
        "#0 /var/www/src/Mail.php(12): App\\Mail->send('jo', Array)\n#1 {main}",
        "#0 /var/www/src/Mail.php(12): App\\Mail->send('ann', Object(App\\List))\n#1 {main}",
    ),
    "php: other folder and line": throws(
        "#0 /var/www/html/src/Stock.php(12): App\\Stock->take(1)\n#1 [internal function]: App\\f()",
        "#0 /home/deploy/v2/src/Stock.php(14): App\\Stock->take(1)\n"
        "#1 [internal function]: App\\f()",
    ),
    "php: on windows": throws(
        "#0 C:\\www\\src\\Price.php(12): App\\Price->of('a')",
        "#0 C:\\www\\src\\Price.php(15): App\\Price->of('b')",
    ),
    "jvm: other line": throws(
        "\tat com.acme.Wallet.pay(Wallet.kt:12)\n\tat com.acme.Main.run(Main.kt:3)",
        "\tat com.acme.Wallet.pay(Wallet.kt:99)\n\tat com.acme.Main.run(Main.kt:5)",
    ),
    "jvm: other number of a lambda": throws(
        "\tat com.acme.Menu.lambda$open$0(Menu.java:12)\n\tat com.acme.Menu$1.run(Menu.java:14)",
        "\tat com.acme.Menu.lambda$open$3(Menu.java:17)\n\tat com.acme.Menu$2.run(Menu.java:19)",
    ),
    "jvm: other line behind a class loader's name": throws(
        "\tat app//com.acme.Gate.open(Gate.java:12)",
        "\tat app//com.acme.Gate.open(Gate.java:40)",
    ),
    "jvm: with and without a class loader's name": throws(
        "\tat app//com.acme.Door.shut(Door.java:12)",
        "\tat com.acme.Door.shut(Door.java:12)",
    ),
    "jvm: other version of java": throws(
        "\tat java.base@17.0.1/java.util.ArrayList.get(ArrayList.java:427)\n"
        "\tat com.acme.Shelf.first(Shelf.java:12)",
        "\tat java.base/java.util.ArrayList.get(ArrayList.java:421)\n"
        "\tat com.acme.Shelf.first(Shelf.java:12)",
    ),
    "jvm: other line of a mangled name": throws(
        "\tat com.acme.Fee.add-0d7_KjU(Fee.kt:12)",
        "\tat com.acme.Fee.add-0d7_KjU(Fee.kt:40)",
    ),
    "native: other addresses": throws(
        "0   Shop   0x0000000104a4c2f8 main + 12345\n1   UIKit  0x00000001a2b3c4d5 run + 88",
        "0   Shop   0x0000000100ffc2f8 main + 12345\n1   UIKit  0x00000001b2b3c4d5 run + 88",
    ),
    "minified: other names in the next build": (
        Throw("    at t (main.js:1:20)\n    at e (main.js:1:9)", message="cannot read a"),
        Throw("    at n (main.js:1:31)\n    at r (main.js:1:7)", message="cannot read a"),
    ),
    "next.js: a file that is all hash": throws(
        "    at pay (https://shop.example/_next/static/chunks/7a6c4a3b1d2e3f45.js:1:2)",
        "    at pay (https://shop.example/_next/static/chunks/91d0e2aa4c5b6d78.js:1:9)",
    ),
    "no stack: other number": messages(
        "Invalid string length 536870888", "Invalid string length 17"
    ),
    "no stack: other id": messages(
        "User 123e4567-e89b-12d3-a456-426614174000 not found",
        "User 9b2d3c4e-0000-4111-8222-aabbccddeeff not found",
    ),
    "no stack: other address": messages("Bad pointer 0x7ffee4c0", "Bad pointer 0x1a"),
    "no stack and no message": messages(None, ""),
}
