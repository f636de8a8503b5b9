// A small approval bot on @slack/bolt in Socket Mode. client_test.go plays the
// people. It ends when its standard input does, and says nothing unless something
// goes wrong.
const { App } = require('@slack/bolt')

const { SLACK_API_URL, SLACK_BOT_TOKEN, SLACK_APP_TOKEN } = process.env
const silent = () => {}
const logger = {
  debug: silent, info: silent, warn: silent, setLevel: silent, getLevel: () => 'error', setName: silent,
  // A connection that breaks is what the test does.
  error: (...said) => String(said[0]).startsWith('WebSocket error') || console.error(...said),
}
const app = new App({
  token: SLACK_BOT_TOKEN, appToken: SLACK_APP_TOKEN, socketMode: true, logger,
  clientOptions: { slackApiUrl: SLACK_API_URL },
})

const plain = (text) => ({ type: 'plain_text', text })
const button = (action_id, text, more = {}) => ({ type: 'button', action_id, text: plain(text), value: 'r1', ...more })
const option = (value) => ({ text: plain(value), value })
const why = {
  type: 'static_select', action_id: 'why', placeholder: plain('Why'), options: [option('left'), option('moved')],
}

const form = {
  type: 'modal', callback_id: 'form', title: plain('Deactivate'), submit: plain('Ask'), notify_on_close: true,
  blocks: [
    { type: 'input', block_id: 'reason', label: plain('Reason'), element: { type: 'plain_text_input', action_id: 'text' } },
    { type: 'input', block_id: 'when', optional: true, label: plain('When'), element: { type: 'datepicker', action_id: 'day' } },
    {
      type: 'input', block_id: 'where', label: plain('Where'),
      element: { type: 'conversations_select', action_id: 'channel', default_to_current_conversation: true },
    },
    { type: 'actions', block_id: 'more', elements: [button('rename', 'Rename')] },
  ],
}

const card = (reason, day) => [
  { type: 'section', block_id: 'why', text: plain(`${reason}, ${day}`), accessory: why },
  {
    type: 'actions', block_id: 'decide', elements: [
      button('approve', 'Approve', { style: 'primary', confirm: { title: plain('Sure?'), text: plain('Sam'), confirm: plain('Yes'), deny: plain('No') } }),
    ],
  },
]

const home = (text) => ({
  type: 'home',
  blocks: [
    { type: 'section', block_id: `s-${text}`, text: plain(text), accessory: why },
    { type: 'actions', block_id: 'b', elements: [button('refresh', 'Refresh')] },
  ],
})

app.command('/wf-deactivate', async ({ command, ack, respond, client }) => {
  if (command.text === '') {
    await ack()
    await client.views.open({ trigger_id: command.trigger_id, view: form })
    return
  }
  await ack({ text: `Looking for ${command.text}`, response_type: 'ephemeral' })
  await respond(`Nobody is called ${command.text}`)
})

app.view('form', async ({ view, body, ack, client }) => {
  const values = view.state.values
  if (values.reason.text.value === 'no') {
    await ack({ response_action: 'errors', errors: { reason: 'Say more' } })
    return
  }
  await ack()
  const channel = values.where.channel.selected_conversation
  await client.chat.postMessage({
    channel, text: `Asked by <@${body.user.id}>`, blocks: card(values.reason.text.value, values.when.day.selected_date),
  })
})

app.view({ callback_id: 'form', type: 'view_closed' }, async ({ ack, body, client }) => {
  await ack()
  await client.chat.postMessage({ channel: body.user.id, text: 'Never mind' })
})

app.action('rename', async ({ ack, body, client }) => {
  await ack()
  await client.views.update({ view_id: body.view.id, hash: body.view.hash, view: { ...form, title: plain('Renamed') } })
})

// Only block_actions of messages: say and respond need a conversation.
app.action({ block_id: 'why', action_id: 'why' }, async ({ ack, action, body, respond, say }) => {
  await ack()
  const chosen = body.state.values.why.why.selected_option.value
  await say({ text: `${action.selected_option.text.text} is why, said ${chosen}`, thread_ts: body.message.ts })
  await respond({ text: 'Only you see this', response_type: 'ephemeral', replace_original: false })
})

app.action('approve', async ({ ack, body, action, client, respond }) => {
  await ack()
  await client.chat.update({ channel: body.channel.id, ts: body.container.message_ts, text: `Approved ${action.value}`, blocks: [] })
  await respond({ text: 'Thank you', response_type: 'ephemeral', replace_original: false })
})

app.event('app_home_opened', async ({ event, client }) => {
  await client.views.publish({ user_id: event.user, view: home('Welcome') })
})

app.action('refresh', async ({ ack, body, client }) => {
  await ack()
  await client.views.publish({ user_id: body.user.id, hash: body.view.hash, view: home('Fresh') })
})

app.action({ block_id: 's-Fresh', action_id: 'why' }, async ({ ack, body, client }) => {
  await ack()
  await client.views.publish({ user_id: body.user.id, view: home(body.view.state.values['s-Fresh'].why.selected_option.value) })
})

app.shortcut('ask', async ({ ack, shortcut, client }) => {
  await ack()
  await client.views.open({ trigger_id: shortcut.trigger_id, view: { ...form, blocks: form.blocks.slice(0, 2) } })
})

app.shortcut('details', async ({ ack, shortcut, respond }) => {
  await ack()
  await respond(`About: ${shortcut.message.text}`)
})

app.error(async (error) => console.error(error))

app.start()
process.stdin.on('end', async () => {
  await app.stop()
  process.exit()
})
process.stdin.resume()
