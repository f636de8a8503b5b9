// What scripts under Run need: check(name, body) runs one check and prints its
// outcome as a line of JSON; fails(promise, wanted) demands that a call is refused.
const assert = require('node:assert/strict')

async function check(name, body) {
  let problem = ''
  try {
    await body()
  } catch (error) {
    problem = String(error?.stack ?? JSON.stringify(error))
    if (error?.data) problem += '\n' + JSON.stringify(error.data)
  }
  console.log(JSON.stringify({ name, problem }))
}

// fails waits for the refusal and returns the error, whose members must be those
// of wanted.
async function fails(promise, wanted) {
  let error
  try {
    await promise
  } catch (caught) {
    error = caught
  }
  assert.ok(error, 'the call was not refused')
  for (const [name, value] of Object.entries(wanted)) {
    if (value instanceof RegExp) assert.match(String(error[name]), value)
    else assert.deepEqual(error[name], value)
  }
  return error
}

module.exports = { assert, check, fails }
