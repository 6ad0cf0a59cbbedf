//! The built binary as a process: the contract over real HTTP, and `kill -9` at any moment; and several of them as a cluster.

mod contract;
mod house;
mod killed;
mod office;
mod process;
mod reads;
mod rfc;
mod seller;
mod several;
mod site;
mod stream;
mod torture;
mod town;
