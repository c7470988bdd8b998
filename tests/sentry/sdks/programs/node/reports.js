// An app that lives on: a message, an exception that it survives, and what a user says of it.
const Sentry = require("@sentry/node");

Sentry.init({ debug: true });
const user = { id: "u-77", email: "private@example.com", ip_address: "{{auto}}" };
Sentry.setUser(user);
Sentry.setTag("shop", "garden");

Sentry.captureMessage("The basket is slow", "warning");

function pay() {
  throw new RangeError("No price for the shovel"); // secret of this line
}
let eventId;
try {
  pay();
} catch (error) {
  eventId = Sentry.captureException(error);
}

if (Sentry.captureFeedback) {
  // from version 8 on
  Sentry.captureFeedback(
    {
      message: "The page stays blank",
      name: "Nora",
      email: "nora@example.com",
      url: "https://shop.example/pay?token=secret-of-the-query",
      associatedEventId: eventId,
    },
    { attachments: [{ filename: "app.log", data: "what the app wrote", contentType: "text/plain" }] },
  );
}
Sentry.close(5000).then((isAllSent) => process.exit(isAllSent ? 0 : 9));
