import { createApp } from "vue";
import Guestbook from "./Guestbook.vue";

createApp(Guestbook).mount("#app");
