// Credits, codes and payments: loaded where somebody needs one of them.

export { Needs } from "./needs.tsx";
export { Pay } from "./pay.tsx";
