// Fills in the receipt code from the end of the address and takes it out of there. No browser sends
// that part of an address; without this file the code is typed.
(function () {
  "use strict";

  var field = document.getElementById("code");

  function fillIn() {
    var code = window.location.hash.slice(1);
    if (!field || !/^[0-9a-z]{4}(-?[0-9a-z]{4}){3}$/i.test(code)) {
      return;
    }
    field.value = code;
    window.history.replaceState(null, "", window.location.pathname + window.location.search);
    field.form.querySelector("button").focus();
  }

  fillIn();
  window.addEventListener("hashchange", fillIn);
})();
