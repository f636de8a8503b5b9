// Every Web API method of the simulator through Slack's own client, with the
// errors that clients tell apart. The world is that of newWorld in sim_test.go.
const { WebClient } = require('@slack/web-api')
const { assert, check, fails } = require('check')

const { SLACK_API_URL, SLACK_BOT_TOKEN, SLACK_APP_TOKEN, TRIGGERS } = process.env
const triggers = TRIGGERS.split(' ')
const silent = () => {} // the client logs what it is refused, which here is wanted
const logger = { debug: silent, info: silent, warn: silent, error: silent, setLevel: silent, getLevel: () => 'error', setName: silent }
const options = { slackApiUrl: SLACK_API_URL, logger, retryConfig: { retries: 0 } }
const slack = new WebClient(SLACK_BOT_TOKEN, options)
const app = new WebClient(SLACK_APP_TOKEN, options)

const plain = (text) => ({ type: 'plain_text', text })
const section = { type: 'section', block_id: 'b', text: { type: 'mrkdwn', text: 'Hello & *welcome*' } }
const modal = (title) => ({ type: 'modal', title: plain(title), close: plain('Close'), blocks: [section] })
const home = { type: 'home', blocks: [section] }
// refused demands an ok:false answer with that error.
const refused = (promise, error) =>
  fails(promise, { code: 'slack_webapi_platform_error', message: `An API error occurred: ${error}` })

async function main() {
  await check('auth.test', async () => {
    const me = await slack.auth.test()
    assert.equal(me.ok, true)
    assert.equal(me.team_id, 'T0ACME')
    assert.match(me.user_id, /^U/)
    assert.match(me.bot_id, /^B/)
    assert.ok(me.response_metadata.scopes.includes('chat:write'))
    await refused(new WebClient('xoxb-wrong', options).auth.test(), 'invalid_auth')
    await refused(new WebClient(undefined, options).auth.test(), 'not_authed')
    await refused(app.auth.test(), 'not_allowed_token_type')
    const secret = await slack.auth.test({ token: SLACK_BOT_TOKEN })
    assert.equal(secret.bot_id, me.bot_id)
  })
  await check('apps.connections.open', async () => {
    const { url } = await app.apps.connections.open()
    assert.match(url, /^ws:/)
    await refused(slack.apps.connections.open({}), 'not_allowed_token_type')
  })
  await check('unknown_method', async () => {
    const error = await refused(slack.apiCall('chat.dance'), 'unknown_method')
    assert.equal(error.data.req_method, 'chat.dance')
  })
  await check('missing_scope', async () => {
    const error = await refused(slack.conversations.open({ users: 'U0JANE,U0MARY' }), 'missing_scope')
    assert.equal(error.data.needed, 'mpim:write')
    assert.match(error.data.provided, /im:write/)
  })
  await check('bots.info', async () => {
    const { bot_id: bot } = await slack.auth.test()
    assert.equal((await slack.bots.info({ bot })).bot.id, bot)
    await refused(slack.bots.info({ bot: 'B0NONE' }), 'bot_not_found')
  })
  await messages()
  await conversations()
  await people()
  await views()
  await trouble()
}

async function messages() {
  let ts
  await check('chat.postMessage', async () => {
    const posted = await slack.chat.postMessage({
      channel: 'C0IT', text: 'Hello &amp; welcome', blocks: [section], unfurl_links: false,
      metadata: { event_type: 'request', event_payload: { id: 'r1', count: 2 } },
    })
    ts = posted.ts
    assert.equal(posted.channel, 'C0IT')
    assert.equal(posted.message.ts, ts)
    assert.equal(posted.message.blocks[0].text.text, section.text.text)
    assert.equal(posted.message.metadata.event_payload.count, 2)
    const reply = await slack.chat.postMessage({ channel: 'C0IT', text: 'In the thread', thread_ts: ts })
    assert.equal(reply.message.thread_ts, ts)
    const direct = await slack.chat.postMessage({ channel: 'U0JANE', text: 'You alone' })
    assert.match(direct.channel, /^D/)
    await refused(slack.chat.postMessage({ channel: 'C0NONE', text: 'x' }), 'channel_not_found')
    await refused(slack.chat.postMessage({ channel: 'C0OTHER', text: 'x' }), 'not_in_channel')
    await refused(slack.chat.postMessage({ channel: 'C0IT', text: '' }), 'no_text')
    const error = await refused(
      slack.chat.postMessage({ channel: 'C0IT', text: 'x', blocks: [{ type: 'section', text: plain('') }] }), 'invalid_blocks')
    assert.match(error.data.response_metadata.messages.join(), /json-pointer:\/blocks\/0\/text/)
    const long = await slack.chat.postMessage({ channel: 'C0IT', text: 'x'.repeat(40001) })
    assert.deepEqual(long.response_metadata.warnings, ['message_truncated'])
  })
  await check('chat.update', async () => {
    const updated = await slack.chat.update({ channel: 'C0IT', ts, text: 'Changed', blocks: [] })
    assert.equal(updated.ts, ts)
    assert.equal(updated.text, 'Changed')
    assert.equal(updated.message.blocks, undefined)
    await refused(slack.chat.update({ channel: 'C0IT', ts: '1.1', text: 'x' }), 'message_not_found')
    await refused(slack.chat.update({ channel: 'C0IT', ts, text: 'x'.repeat(4001) }), 'msg_too_long')
  })
  await check('chat.getPermalink', async () => {
    const { permalink } = await slack.chat.getPermalink({ channel: 'C0IT', message_ts: ts })
    assert.match(permalink, /^https:\/\/acme\.slack\.com\/archives\/C0IT\/p\d+$/)
    await refused(slack.chat.getPermalink({ channel: 'C0IT', message_ts: '1.1' }), 'message_not_found')
  })
  await check('chat.postEphemeral', async () => {
    const { message_ts: shown } = await slack.chat.postEphemeral({ channel: 'C0IT', user: 'U0JANE', text: 'Only you' })
    assert.match(shown, /^\d+\.\d{6}$/)
    await refused(slack.chat.postEphemeral({ channel: 'C0IT', user: 'U0NONE', text: 'x' }), 'user_not_in_channel')
    await refused(slack.chat.update({ channel: 'C0IT', ts: shown, text: 'x' }), 'message_not_found')
  })
  await check('chat.delete', async () => {
    assert.equal((await slack.chat.delete({ channel: 'C0IT', ts })).ts, ts)
    await refused(slack.chat.delete({ channel: 'C0IT', ts }), 'message_not_found')
  })
}

async function conversations() {
  await check('conversations.open', async () => {
    const { channel } = await slack.conversations.open({ users: 'U0JANE' })
    assert.match(channel.id, /^D/)
    const again = await slack.conversations.open({ channel: channel.id })
    assert.equal(again.channel.id, channel.id)
    const whole = await slack.conversations.open({ users: 'U0JANE', return_im: true })
    assert.equal(whole.channel.user, 'U0JANE')
    assert.equal(whole.channel.is_im, true)
    await refused(slack.conversations.open({ users: 'U0NONE' }), 'user_not_found')
  })
  await check('conversations.info', async () => {
    const { channel } = await slack.conversations.info({ channel: 'C0PRIV', include_num_members: true })
    assert.equal(channel.is_private, true)
    assert.equal(channel.num_members, 2)
    await refused(slack.conversations.info({ channel: 'C0NONE' }), 'channel_not_found')
  })
  await check('conversations.members, page by page', async () => {
    const all = []
    for await (const page of slack.paginate('conversations.members', { channel: 'C0IT', limit: 2 })) {
      assert.ok(page.members.length <= 2)
      all.push(...page.members)
    }
    assert.equal(new Set(all).size, 5)
    await refused(slack.conversations.members({ channel: 'C0IT', cursor: 'nonsense' }), 'invalid_cursor')
  })
}

async function people() {
  await check('users.info', async () => {
    const { user } = await slack.users.info({ user: 'U0JANE', include_locale: true })
    assert.equal(user.profile.email, 'jane@acme.com')
    assert.equal(user.locale, 'en-GB')
    await refused(slack.users.info({ user: 'U0NONE' }), 'user_not_found')
  })
  await check('users.lookupByEmail', async () => {
    assert.equal((await slack.users.lookupByEmail({ email: 'mary@acme.com' })).user.id, 'U0MARY')
    await refused(slack.users.lookupByEmail({ email: 'nobody@acme.com' }), 'users_not_found')
  })
  await check('usergroups.list', async () => {
    const { usergroups } = await slack.usergroups.list({ include_users: true, include_count: true })
    assert.deepEqual(usergroups[0].users, ['U0MARY'])
    assert.equal(usergroups[0].handle, 'it-managers')
  })
  await check('usergroups.users.list', async () => {
    assert.deepEqual((await slack.usergroups.users.list({ usergroup: 'S0IT' })).users, ['U0MARY'])
    await refused(slack.usergroups.users.list({ usergroup: 'S0NONE' }), 'no_such_subteam')
  })
}

async function views() {
  let opened
  await check('views.open', async () => {
    const { view } = await slack.views.open({ trigger_id: triggers[0], view: { ...modal('First'), external_id: 'x' } })
    opened = view
    assert.match(view.id, /^V/)
    assert.equal(view.title.text, 'First')
    assert.equal(view.root_view_id, view.id)
    await refused(slack.views.open({ trigger_id: triggers[0], view: modal('Again') }), 'exchanged_trigger_id')
    await refused(slack.views.open({ trigger_id: '1.2.3', view: modal('None') }), 'invalid_trigger_id')
    await refused(slack.views.open({ trigger_id: triggers[1], view: { ...modal('Same'), external_id: 'x' } }), 'duplicate_external_id')
    const error = await refused(slack.views.open({ trigger_id: triggers[1], view: modal('x'.repeat(25)) }), 'invalid_arguments')
    assert.match(error.data.response_metadata.messages.join(), /json-pointer:\/view\/title/)
  })
  await check('views.push', async () => {
    const { view } = await slack.views.push({ trigger_id: triggers[1], view: modal('Second') })
    assert.equal(view.previous_view_id, opened.id)
    assert.equal(view.root_view_id, opened.id)
  })
  await check('views.update', async () => {
    const { view } = await slack.views.update({ view_id: opened.id, hash: opened.hash, view: { ...modal('Changed'), external_id: 'x' } })
    assert.equal(view.title.text, 'Changed')
    await refused(slack.views.update({ view_id: opened.id, hash: opened.hash, view: modal('Late') }), 'hash_conflict')
    await slack.views.update({ external_id: 'x', view: { ...modal('By external id') } })
    await refused(slack.views.update({ view_id: 'V0NONE', view: modal('None') }), 'not_found')
  })
  await check('views.publish', async () => {
    const { view } = await slack.views.publish({ user_id: 'U0JANE', view: home })
    await slack.views.publish({ user_id: 'U0JANE', view: home, hash: view.hash })
    await refused(slack.views.publish({ user_id: 'U0JANE', view: home, hash: view.hash }), 'hash_conflict')
  })
}

// trouble needs the faults that client_test.go injects for these users.
async function trouble() {
  await check('429 is told with its pause', async () => {
    const client = new WebClient(SLACK_BOT_TOKEN, { ...options, rejectRateLimitedCalls: true })
    await fails(client.users.info({ user: 'U0LIMITED' }), { code: 'slack_webapi_rate_limited_error', retryAfter: 1 })
  })
  await check('429 is waited out', async () => {
    const client = new WebClient(SLACK_BOT_TOKEN, { ...options, retryConfig: { retries: 1 } })
    await refused(client.users.info({ user: 'U0LIMITED' }), 'user_not_found') // the answer after the pause
  })
  await check('a page for people instead of JSON', async () => {
    await fails(slack.users.info({ user: 'U0HTML' }), { code: 'slack_webapi_http_error', statusCode: 503 })
  })
  await check('a connection that breaks', async () => {
    await fails(slack.users.info({ user: 'U0RESET' }), { code: 'slack_webapi_request_error' })
  })
}

main()
