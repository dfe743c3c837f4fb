document.getElementById("root").textContent = "The console has not been built yet. Its place is held by this page.";
