// Local files as vhd-lib wants to see them: positional reads and writes, no prefix, no retries.
'use strict'

const fs = require('fs/promises')

exports.handler = {
  openFile: async (path, flags) => ({ fd: await fs.open(path, flags), path }),
  closeFile: file => file.fd.close(),
  read: (file, buffer, position) => file.fd.read(buffer, 0, buffer.length, position),
  write: (file, buffer, position) => file.fd.write(buffer, 0, buffer.length, position),
  getSize: async file => (await (file.fd === undefined ? fs.stat(file) : file.fd.stat())).size,
  getSizeOnDisk: async file => (await file.fd.stat()).blocks * 512,
  readFile: path => fs.readFile(path),
  writeFile: (path, data, options) => fs.writeFile(path, data, { flag: options?.flags ?? 'wx' }),
  rename: (from, to) => fs.rename(from, to),
  unlink: path => fs.unlink(path),
}
