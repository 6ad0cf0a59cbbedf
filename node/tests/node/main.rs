//! The built binary as a process: the contract over real HTTP, and `kill -9` at any moment; and several of them as a cluster.

mod contract;
mod full;
mod house;
mod killed;
mod limits;
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
