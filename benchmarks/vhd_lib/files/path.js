'use strict'

const { dirname, relative } = require('path')

exports.relativeFromFile = (file, path) => relative(dirname(file), path)
