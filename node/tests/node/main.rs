//! The built binary as a process: the contract over real HTTP, and `kill -9` at any moment; and several of them as a cluster.

mod contract;
mod house;
mod keys;
mod killed;
mod office;
mod process;
mod reads;
mod seller;
mod settings;
mod several;
mod shop;
mod site;
mod stream;
mod tls;
mod torture;
mod town;
