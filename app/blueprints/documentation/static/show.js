// A file of its own, because the page's policy runs no script that is written into the page.
"use strict";

const place = document.getElementById("docs");
SwaggerUIBundle({
  domNode: place,
  url: place.dataset.description,
  deepLinking: true,
  validatorUrl: null, // the default sends the document's address to somebody else
});
