//! The built binary as a process: the contract over real HTTP, and `kill -9` at any moment; and several of them as a cluster.

mod contract;
mod full;
mod house;
mod keys;
mod killed;
mod limits;
mod office;
mod process;
mod reads;
mod rfc;
mod seller;
mod settings;
mod several;
mod shop;
mod site;
mod stream;
mod tls;
mod torture;
mod town;
