// Offers ways to go on typing. The browser's own list is used: it is read aloud, it is used by keys
// alone, and without this file the field is an ordinary one.
(function () {
  "use strict";

  var field = document.querySelector("input[data-complete]");
  var list = field && document.getElementById(field.getAttribute("list"));
  var waiting = 0;
  var asked = "";

  async function offer() {
    var text = field.value.trim();
    if (text.length < 2 || text === asked) {
      return;
    }
    asked = text;
    try {
      var query = new URLSearchParams({ q: text, lang: document.documentElement.lang });
      var answer = await fetch(field.dataset.complete + "?" + query);
      if (!answer.ok) {
        return;
      }
      var found = await answer.json();
      list.replaceChildren.apply(list, found.completions.map(function (one) {
        var option = document.createElement("option");
        option.value = one.text;
        return option;
      }));
    } catch (error) {
      asked = "";  // the line is away: nothing is offered
    }
  }

  if (list) {
    field.addEventListener("input", function () {
      window.clearTimeout(waiting);
      waiting = window.setTimeout(offer, 150);
    });
  }
})();
