//! What a store keeps when its process ends badly. Each test runs itself again as a child process, which
//! writes to a store and says on its standard error what was confirmed; the parent ends it and looks at what
//! is left.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends, in whichever function")]

mod child;

mod killed;

mod refused;
