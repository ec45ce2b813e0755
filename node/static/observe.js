// Points out mail addresses and phone numbers before an observation is sent, with the note that the
// server would answer with. The server looks again, and for more; without this file it alone looks.
(function () {
  "use strict";

  var form = document.getElementById("observation");
  var pattern = document.getElementById("hints");
  var DATE = /\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}/g;
  var MAIL = /[^\s@<>()]{1,64}@[^\s@<>()]{1,200}\.[a-zA-Z]{2,20}/g;
  var PHONE = /(?:^|[^\w.,/-])(\+?\(?\d[\d ().-]{7,16}\d)(?![\w/-])/g;
  var FEWEST_DIGITS = 9;

  function found(text) {
    var hints = [];
    (text.match(MAIL) || []).forEach(function (excerpt) {
      hints.push({ kind: "mail", excerpt: excerpt });
    });
    Array.from(text.replace(DATE, " ; ").matchAll(PHONE), function (match) {
      if (match[1].replace(/\D/g, "").length >= FEWEST_DIGITS) {
        hints.push({ kind: "phone", excerpt: match[1] });
      }
    });
    return hints;
  }

  function show(hints) {
    var note = pattern.content.firstElementChild.cloneNode(true);
    hints.forEach(function (hint) {
      var line = document.createElement("li");
      var excerpt = document.createElement("bdi");
      excerpt.textContent = hint.excerpt.slice(0, 60);
      line.append(pattern.dataset[hint.kind] + ": ", excerpt);
      note.querySelector("ul").append(line);
    });
    note.querySelector("button").value = Array.from(new Set(hints.map(function (hint) {
      return hint.kind;
    }))).join(" ");
    form.before(note);
    note.focus();
  }

  if (!form || !pattern) {
    return;
  }
  form.addEventListener("submit", function (event) {
    if (event.submitter && event.submitter.name === "anyway") {
      return;
    }
    var hints = found(form.elements.text.value);
    document.querySelectorAll(".note.problem").forEach(function (note) {
      note.remove();
    });
    if (hints.length) {
      event.preventDefault();
      show(hints);
    }
  });
})();
