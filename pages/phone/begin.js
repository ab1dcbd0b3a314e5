// Says in a line why the page's own modules never begin: the network broke off on their way, or the
// browser is from before them.  So it is written in the language of 2009.
(function () {
  function say(line, words, address) {
    var link = document.createElement("a");
    var said = document.getElementById("said");
    said.className = "problem";
    said.textContent = line;
    link.href = address;
    link.textContent = words;
    if (address) said.appendChild(link);
  }

  function tooOld() {
    say("This browser is too old to run the net; update it. ", "Score it on the server", document.body.getAttribute("data-server"));
  }

  addEventListener("error", function (event) {
    if (document.body.hasAttribute("data-begun")) return;
    if (event.target.tagName === "SCRIPT") say("The network broke off. ", "Try again", location.href);
    else if (event.target === window) tooOld(); // a word that it does not know
  }, true);
  if (!("noModule" in document.createElement("script"))) addEventListener("DOMContentLoaded", tooOld);
})();
