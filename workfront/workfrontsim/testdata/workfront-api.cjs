// The simulator through Adobe's own client. The tenant is that of client_test.go.
const { NodeApi } = require('workfront-api')
const { Operators, SortOrder, WildCards, FIRST, LIMIT, MOD, SORT } = require('workfront-api-constants')
const { assert, check, fails } = require('check')

const { WORKFRONT_URL, WORKFRONT_API_KEY, JANE, SAM, PAT } = process.env
const version = '22.0'
const connect = (more = {}) => new NodeApi({ url: WORKFRONT_URL, version, apiKey: WORKFRONT_API_KEY, ...more })
const workfront = connect()
const names = (users) => users.map((user) => user.name)
const sorted = { ['name' + SORT]: SortOrder.ASC }

async function main() {
  await credentials()
  await reading()
  await writing()
  await trouble()
}

async function credentials() {
  await check('key by password', async () => {
    const api = connect({ apiKey: undefined })
    await fails(api.getApiKey('jane@acme.com', 'wrong'), { status: 401, message: /username\/password/ })
    const key = await api.getApiKey('jane@acme.com', 'correct horse') // generates one: there is none yet
    assert.match(key, /^[0-9a-z]+$/)
    assert.equal((await api.get('USER', '$$USER', 'name')).name, 'Jane Doe')
    assert.equal(await connect({ apiKey: undefined }).getApiKey('jane@acme.com', 'correct horse'), key)
    await api.clearApiKey()
    await fails(connect({ apiKey: key }).get('USER', JANE), { status: 401 })
  })
  await check('login and logout', async () => {
    const api = connect({ apiKey: undefined })
    const session = await api.login('jane@acme.com', 'correct horse')
    assert.equal(session.userID, JANE)
    assert.equal((await api.get('USER', '$$USER')).ID, JANE)
    await api.logout()
    await fails(api.get('USER', JANE), { status: 401, message: 'You are not currently logged in.' })
  })
  await check('a session ID instead of a key', async () => {
    const { sessionID } = await workfront.request('session', {})
    const api = connect({ apiKey: undefined })
    api.setSessionID(sessionID)
    assert.equal((await api.get('USER', JANE)).ID, JANE)
    api.setSessionID('wrong')
    await fails(api.get('USER', JANE), { status: 401, message: 'Invalid session ID.' })
  })
  await check('no or a wrong key', async () => {
    await fails(connect({ apiKey: undefined }).get('USER', JANE), { status: 401 })
    await fails(connect({ apiKey: 'wrong' }).get('USER', JANE), { status: 401 })
  })
}

async function reading() {
  await check('get one', async () => {
    const user = await workfront.get('USER', JANE, ['emailAddr', 'isActive', 'manager:name', 'lastLoginDate'])
    assert.equal(user.objCode, 'USER')
    assert.equal(user.emailAddr, 'jane@acme.com')
    assert.equal(user.isActive, true)
    assert.equal(user.manager.name, 'Sam Ünal')
    assert.match(user.lastLoginDate, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d:\d{3}[+-]\d{4}$/)
  })
  await check('get several', async () => {
    assert.deepEqual(names(await workfront.get('user', [JANE, SAM], 'name')).sort(), ['Jane Doe', 'Sam Ünal'])
  })
  await check('the newest version and unsupported', async () => {
    const api = connect({ version: 'unsupported' })
    assert.equal((await api.get('USER', JANE)).ID, JANE)
  })
  await check('search with fields, sort and page', async () => {
    const query = { ...sorted, [FIRST]: 2, [LIMIT]: 2, isActive: true }
    const found = await workfront.search('USER', query, ['name', 'emailAddr'])
    assert.deepEqual(names(found), ['Pat & Co', 'Sam Ünal'])
    assert.ok(found.every((user) => user.emailAddr))
  })
  await check('search by POST', async () => {
    const found = await workfront.search('USER', { emailAddr: 'JANE@acme.com', emailAddr_Mod: 'cieq' }, 'name', true)
    assert.deepEqual(names(found), ['Jane Doe'])
  })
  await check('search by several values and a wildcard', async () => {
    const found = await workfront.search('USER', { ID: [JANE, PAT], ID_Mod: 'in', ...sorted }, 'name')
    assert.deepEqual(names(found), ['Jane Doe', 'Pat & Co'])
    const me = await workfront.search('USER', { ID: WildCards.USER, ID_Mod: 'eq' }, 'isAdmin')
    assert.equal(me.length, 1)
    assert.equal(me[0].isAdmin, true)
  })
  await check('every modifier the client knows', async () => {
    const list = /^(not|ci|cinot)?in$/
    for (const modifier of Object.values(Operators)) {
      const date = { entryDate: WildCards.NOW, ['entryDate' + MOD]: modifier, entryDate_Range: WildCards.NOW }
      const text = { name: list.test(modifier) ? ['Jane Doe'] : 'Jane Doe', ['name' + MOD]: modifier }
      let query = modifier.includes('between') ? date : text
      if (modifier === 'cibetween' || modifier === 'cinotbetween') query = { ...text, name_Range: 'K' }
      try {
        assert.ok(Array.isArray(await workfront.search('USER', query)), modifier)
      } catch (error) {
        // Never taken for a mistake of the client, never passed over.
        assert.equal(error.status, 501, `${modifier}: ${error.status} ${error.message}`)
        assert.match(error.message, /workfrontsim does not simulate/)
      }
    }
  })
  await check('count', async () => {
    assert.equal(await workfront.count('USER', { name: 'jane', name_Mod: 'cicontains' }), 1)
    assert.equal(await workfront.count('TASK', { assignedToID: JANE }), 1)
  })
  await check('batch', async () => {
    const [jane, tasks, users] = await workfront.batch((batch) => [
      batch.get('USER', JANE, 'name'), batch.count('TASK', { assignedToID: JANE }), batch.search('USER', { name: 'Pat & Co' }),
    ])
    assert.equal(jane.name, 'Jane Doe')
    assert.equal(tasks.count, 1)
    assert.equal(users.length, 1)
  })
  await check('metadata', async () => {
    const { fields } = await workfront.metadata('USER')
    assert.equal(fields.isActive.fieldType, 'boolean')
  })
  await check('what is refused', async () => {
    await fails(workfront.get('USER', '0'.repeat(32)), { status: 404, message: /not found/ })
    await fails(workfront.get('USER', JANE, 'noSuchField'), { status: 422, message: /does not support field noSuchField/ })
    await fails(workfront.search('USER', { noSuchField: 1 }), { status: 422, message: /does not support field noSuchField/ })
    await fails(workfront.search('USER', { name: 'x', name_Mod: 'sounds' }), { status: 422, message: /Invalid Parameter/ })
    await fails(workfront.search('NOSUCH', {}), { status: 404 })
    await fails(workfront.namedQuery('USER', 'noSuchQuery'), { status: 422, message: /namedQuery noSuchQuery/ })
    await fails(connect({ version: '7.0' }).get('USER', JANE), { status: 410 })
    await fails(connect({ version: 'internal' }).get('USER', JANE), { status: 403 })
  })
  await check('what is not simulated says so', async () => {
    const message = /workfrontsim does not simulate/
    await fails(workfront.create('USER', { name: 'x' }), { status: 501, message })
    await fails(workfront.copy('USER', JANE, {}), { status: 501, message })
    await fails(workfront.report('USER', { ID_AggFunc: 'count' }), { status: 501, message })
    await fails(workfront.batch((batch) => [batch.get('USER', JANE)], true), { status: 501, message })
    await fails(workfront.metadata(), { status: 501, message })
  })
}

async function writing() {
  await check('edit', async () => {
    assert.deepEqual((await workfront.edit('USER', JANE, { isActive: false }, ['isActive'])).isActive, false)
    assert.equal((await workfront.get('USER', JANE, 'isActive')).isActive, false)
    await workfront.edit('USER', JANE, { updates: { isActive: 'true' } })
    assert.equal((await workfront.get('USER', JANE, 'isActive')).isActive, true)
  })
  await check('edit over GET', async () => {
    const user = await connect({ alwaysUseGet: true }).edit('USER', PAT, { title: 'Owner & founder' }, 'title')
    assert.equal(user.title, 'Owner & founder')
  })
  await check('edit several', async () => {
    const edited = await workfront.editMultiple('USER', [{ ID: JANE, isActive: false }, { ID: PAT, isActive: false }], 'isActive')
    assert.deepEqual(edited.map((user) => user.isActive), [false, false])
    const many = Array.from({ length: 101 }, () => ({ ID: JANE, title: 'x' }))
    await fails(workfront.editMultiple('USER', many), { status: 422, message: 'Can not add more than 100 objects at once.' })
  })
  await check('what is refused', async () => {
    await fails(workfront.edit('USER', '0'.repeat(32), { title: 'x' }), { status: 404 })
    await fails(workfront.edit('USER', JANE, { noSuchField: 1 }), { status: 422 })
    await fails(workfront.edit('USER', JANE, { isActive: 'perhaps' }), { status: 422 })
    await fails(workfront.execute('USER', JANE, 'noSuchAction'), { status: 422, message: /action noSuchAction/ })
  })
  await check('remove', async () => {
    await workfront.remove('USER', PAT, true)
    await fails(workfront.get('USER', PAT), { status: 404 })
  })
}

// trouble needs the faults that client_test.go injects, in this order.
async function trouble() {
  const count = () => workfront.count('PROJ', {})
  await check('errors of every shape', async () => {
    await fails(count(), { status: 429, message: '429 Too many concurrent API requests' })
    await fails(count(), { status: 200, message: 'you must specify an action' })
    // This client takes an error that is a plain string for one without message.
    await fails(count(), { status: 400, message: undefined })
    await fails(count(), { status: 503, message: 'Service Unavailable' })
    await fails(count(), { status: 502, message: 'Bad Gateway' })
    await fails(count(), { message: 'fetch failed' })
  })
}

main()
