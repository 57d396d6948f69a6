// Brings the list of requests up to date every two seconds. The server escapes what it holds; here nodes of its
// answer are moved, and no text becomes markup. Without this script the page loads itself again.

const PERIOD_MS = 2000
const list = document.getElementById('list')
const button = document.getElementById('pause')
let paused = false

async function refresh() {
  if (paused || document.hidden) return
  try {
    const response = await fetch(location.pathname, { cache: 'no-store' })
    if (!response.ok) return
    const fresh = new DOMParser().parseFromString(await response.text(), 'text/html').getElementById('list')
    if (fresh && fresh.textContent !== list.textContent) list.replaceChildren(...fresh.childNodes)
  } catch {
    // The server was stopped; it may come back.
  }
}

button.hidden = false
button.addEventListener('click', () => {
  paused = !paused
  button.textContent = paused ? 'Go on' : 'Pause'
})
setInterval(refresh, PERIOD_MS)
