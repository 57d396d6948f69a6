// The pictures of README.md and the documentation: `tests/browser/run pictures` makes them anew. Not part of the
// run without arguments, because each run has other keys and times.

import { join } from 'node:path'
import { test } from 'node:test'
import { publicUrl, repository, token, visit } from './support.mjs'

const VIEW = { name: 'picture', width: 860, scheme: 'light' }

/** As far down as the end of the last element that `last` finds. */
function picture(name, path, last, steps) {
  test(name, () => visit(`${publicUrl}/${path}`, VIEW, async (page) => {
    await steps(page)
    await page.evaluate(() => {
      document.activeElement.blur()
      document.querySelector('textarea')?.scrollTo(0, 0)
    })
    const height = await page.locator(last).last().evaluate((element) => Math.ceil(element.getBoundingClientRect().bottom + scrollY))
    await page.setViewportSize({ width: VIEW.width, height })
    await page.screenshot({ path: join(repository, 'docs', 'src', 'images', `${name}.png`) })
  }))
}

await Promise.all([token(), token(), token({ scope: 'search:write' })])
picture('status', '', 'svg', async () => {})
picture('decoder', 'decode', '#claims tr:nth-child(4)', async (page) => {
  await page.getByLabel('Access token').fill((await token()).access_token)
  await page.locator('#verdict', { hasText: 'Verified' }).waitFor()
})
