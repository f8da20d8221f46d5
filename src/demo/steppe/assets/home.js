/**
 * The front page.
 * @module
 */
import { showReaders } from 'http://static.steppe-journals.example/js/api.js'

showReaders()
