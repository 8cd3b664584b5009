// The one script that stands as text in a page that carries the others: it starts the one called "main".

import { runCarried } from "./carried.js";
import { sayInPlace } from "./trouble.js";

runCarried("main", "module").catch(sayInPlace);
