//! The built binary as a process: the contract over real HTTP, and `kill -9` at any moment.

mod contract;
mod house;
mod killed;
mod process;
