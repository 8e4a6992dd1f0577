// The fonts of the reader's system: the site fetches nothing that it need not.
import theme from "vitepress/theme-without-fonts"
import "./style.css"

export default theme
