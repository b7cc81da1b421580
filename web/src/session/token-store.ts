/** The token of whoever is signed in. What must stay true: it is kept for this tab alone, and for what the browser copies the tab to. */
const KEY = 'fairlead.token'

export const tokenStore = {
  read: (): string | null => sessionStorage.getItem(KEY),
  keep: (token: string): void => {
    sessionStorage.setItem(KEY, token)
  },
  forget: (): void => {
    sessionStorage.removeItem(KEY)
  },
}
