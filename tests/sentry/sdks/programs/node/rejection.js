// A promise that nobody waits for is broken; the program then ends by itself.
const Sentry = require("@sentry/node");

Sentry.init({ debug: true });
Sentry.setUser({ id: "u-77", email: "private@example.com" });

Promise.reject(new RangeError("Nobody waits for the shovel"));
setTimeout(() => Sentry.close(5000), 200);
