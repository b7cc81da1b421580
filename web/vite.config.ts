/** How the console is built, and served while somebody works on it: `FAIRLEAD_URL=http://127.0.0.1:5380 npm run dev -w web`. */
import { defineConfig } from 'vite'

const control = process.env['FAIRLEAD_URL'] ?? 'http://127.0.0.1:5380'

export default defineConfig({
  base: '/console/',
  build: {
    target: 'es2022',
    emptyOutDir: true,
    // The page allows no inline anything: files stay files.
    ...{ assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  },
  server: { proxy: { '/v1': control } },
})
