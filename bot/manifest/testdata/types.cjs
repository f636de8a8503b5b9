// Judges manifests by the types that Slack publishes of them in @slack/web-api, with the
// TypeScript compiler. MANIFESTS holds them as JSON, by name; one whose name begins with
// "wrong" has to be refused.
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const ts = require('typescript')
const { assert, check } = require('check')

const types = path.join(path.dirname(require.resolve('@slack/web-api')), 'types', 'request', 'manifest')
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'manifest-'))

async function main() {
  const manifests = JSON.parse(process.env.MANIFESTS)
  const files = Object.values(manifests).map((manifest, i) => {
    const file = path.join(directory, `manifest${i}.ts`)
    fs.writeFileSync(file, `import type { Manifest } from ${JSON.stringify(types)}\nexport const manifest: Manifest = ${JSON.stringify(manifest)}\n`)
    return file
  })
  const program = ts.createProgram(files, { strict: true, noEmit: true, types: [], lib: ['lib.es5.d.ts'], moduleResolution: ts.ModuleResolutionKind.Node10 })
  const text = (mistakes) => mistakes.map((d) => ts.flattenDiagnosticMessageText(d.messageText, '\n'))
  await check('the compiler runs', () => assert.deepEqual(text([...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()]), []))
  for (const [i, name] of Object.keys(manifests).entries()) {
    await check(name, () => {
      const source = program.getSourceFile(files[i])
      const mistakes = text([...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)])
      if (name.startsWith('wrong')) assert.equal(mistakes.length, 1, mistakes.join('\n'))
      else assert.deepEqual(mistakes, [])
    })
  }
}

main().finally(() => fs.rmSync(directory, { recursive: true }))
