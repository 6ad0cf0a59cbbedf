//! The built binary as a process: the contract over real HTTP, and `kill -9` at any moment; and several of them as a cluster.

mod configured;
mod contract;
mod dev_node;
mod drop;
mod full;
mod keys;
mod killed;
mod limits;
mod machine;
mod operator;
mod process;
mod products;
mod reads;
mod rfc;
mod rolling;
mod sale;
mod seat_feed;
mod seatmaps;
mod seats;
mod settings;
mod several;
mod stream;
mod test_cluster;
mod tls;
mod torture;
mod upgrade;
