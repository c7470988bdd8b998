// Ends with an exception that nobody catches; from version 6 on a session begins with the program.
const Sentry = require("@sentry/node");

Sentry.init({ debug: true });
Sentry.setUser({ id: "u-77", email: "private@example.com" });

function pay() {
  return null.total; // secret of this line
}
setTimeout(pay, 10);
