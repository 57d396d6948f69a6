// Text to HTML. What is put into a template is escaped, unless it came out of a template itself.

class Html {
  constructor(text) { this.text = text }
  toString() { return this.text }
}

const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function escaped(value) {
  if (value instanceof Html) return value.text
  if (Array.isArray(value)) return value.map(escaped).join('')
  return String(value ?? '').replace(/[&<>"']/g, (character) => ESCAPES[character])
}

export function html(strings, ...values) {
  return new Html(strings.reduce((text, next, index) => text + escaped(values[index - 1]) + next))
}
