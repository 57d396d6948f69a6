// What the pages say. Functions from values to HTML; they fetch nothing and know no token, only what may be shown
// about one.

import { html } from './html.mjs'

const PLACES = [['/', 'Books'], ['/orders', 'Your orders']]

function layout({ path, title, main, madeWith }) {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – Bookshop</title>
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header>
<p class="shop">Bookshop</p>
<nav aria-label="Pages">
<ul>${PLACES.map(([to, name]) => html`
<li><a href="${to}"${to === path ? html` aria-current="page"` : ''}>${name}</a></li>`)}
</ul>
</nav>
</header>
<main id="main" tabindex="-1">
<h1>${title}</h1>
${main}
</main>
<footer aria-label="How this page was made">
${madeWith}
</footer>
</body>
</html>
`.toString()
}

const WITHOUT_TOKEN = html`<p><strong>Made with no token at all.</strong> Nothing was asked of the token service or of
an API for this page.</p>`

export function books({ books, clientId, token, requests }) {
  return layout({
    path: '/',
    title: 'Books',
    main: html`<p>Everybody may see what the shop has. Nobody has to log in for it.</p>
<ul class="books">${books.map(({ title }) => html`
<li>${title}</li>`)}
</ul>`,
    madeWith: html`<p><strong>Made with the application’s own token.</strong> It says that <em>the shop</em> asks, and
nothing about you.</p>
<dl>
<div><dt>Client</dt><dd>${clientId}</dd></div>
<div><dt>Scope</dt><dd>${token.scope}</dd></div>
<div><dt>Renewed in</dt><dd>${token.secondsToRenewal} s</dd></div>
<div><dt>Token requests so far</dt><dd>${requests}</dd></div>
</dl>`,
  })
}

export function orders() {
  return layout({
    path: '/orders',
    title: 'Your orders',
    main: html`<p class="notice"><strong>This page would need your permission.</strong></p>
<p>Your orders belong to you. To show them, the shop would send you to a login, ask whether it may read your orders,
and get a token that stands for <em>you and the shop together</em> (the authorization code grant). This example has no
login, so there is nothing to show.</p>
<p>The application’s own token is not used here. It proves which program asks, never for whom: with it, a shop that
mixes up two visitors would show one the orders of the other, and the API could not tell. Its client has no scope for
orders either, so the token service would refuse.</p>`,
    madeWith: WITHOUT_TOKEN,
  })
}

export function noToken({ refused }) {
  return layout({
    path: '/',
    title: 'The books cannot be shown now',
    main: html`<p class="notice"><strong>The shop could not get a token of its own.</strong>
${refused ? 'The token service refuses this application; somebody who runs the shop has to look at its log.'
    : 'The token service does not answer.'}</p>
<p>Nothing is wrong with your browser or your connection. <a href="/">Try again</a> in a few seconds.</p>`,
    madeWith: html`<p><strong>Made with no token:</strong> the last one has ended, and there is no new one.</p>`,
  })
}

export function catalogDown() {
  return layout({
    path: '/',
    title: 'The books cannot be shown now',
    main: html`<p class="notice"><strong>The catalog does not answer as it should.</strong></p>
<p>Nothing is wrong with your browser or your connection. <a href="/">Try again</a> in a few seconds.</p>`,
    madeWith: html`<p>The application has a token, and the catalog gave no books for it.</p>`,
  })
}

export function notFound() {
  return layout({
    title: 'There is no such page',
    main: html`<p>There are <a href="/">books</a> and <a href="/orders">your orders</a>.</p>`,
    madeWith: WITHOUT_TOKEN,
  })
}

export function broken() {
  return layout({
    title: 'Something went wrong',
    main: html`<p>It is noted in the log of the shop. <a href="/">Back to the books</a></p>`,
    madeWith: '',
  })
}
