//! Every setting of RocksDB that is not its default, and why.

use rocksdb::{
    BlockBasedOptions, Cache, ColumnFamilyDescriptor, DBCompressionType, DBRecoveryMode, Env, LogLevel,
};

use super::options::Options;
use super::refusal::refused;
use super::{families, keys};
use crate::Error;

/// Bytes of log that collect in memory before they go to a table: large, so that most entries are purged
/// before that and reach the disk once, in the write-ahead log.
const LOG_MEMTABLE_BYTES: usize = 64 << 20;
const STATE_MEMTABLE_BYTES: usize = 32 << 20;
/// Registers and marks are small and overwritten in place.
const META_MEMTABLE_BYTES: usize = 4 << 20;
/// How many memtables a column family may have: one being filled, the others being flushed. More than two, so
/// that a slow flush does not stop the writer.
const MEMTABLES_MAX: i32 = 4;
/// How many flushed tables of the state collect before they are merged into what is there already. With many slots each of them
/// overlaps all others, so that all is written again every time: twice the default makes that half as often, and a reader has
/// four more tables to look into.
const STATE_TABLES_MERGED: i32 = 8;
/// Bounds how long start-up replays. A register that is rarely written would otherwise keep the log it was
/// written to, and all after it, for ever.
const WAL_BYTES_MAX: u64 = 256 << 20;
/// Open tables cost memory and file descriptors; a node needs those for its connections.
const OPEN_FILES_MAX: i32 = 512;
/// Flushes and compactions side by side: two cores serve customers too.
const BACKGROUND_JOBS: i32 = 2;
/// Tables are handed to the disk in pieces of this size, so that a flush does not arrive in front of an fsync
/// all at once.
const BYTES_PER_SYNC: u64 = 1 << 20;
const BLOOM_BITS_PER_KEY: f64 = 10.0;
/// RocksDB's own log of what it did: the last few files of it are worth keeping for a person who looks for a
/// cause.
const INFO_LOG_FILES: usize = 4;
const INFO_LOG_BYTES: usize = 4 << 20;

/// For the whole database.
pub(super) fn database(options: &Options) -> Result<rocksdb::Options, Error> {
    let mut settings = rocksdb::Options::default();
    settings.create_if_missing(true);
    settings.create_missing_column_families(true);

    // A torn tail is what a power cut leaves, and is dropped; damage before the tail refuses to open. The
    // default would cut the log at the damage and say nothing.
    settings.set_wal_recovery_mode(DBRecoveryMode::TolerateCorruptedTailRecords);
    // A reused log file would hold old records behind the tail, which this mode could not tell from damage.
    settings.set_recycle_log_file_num(0);
    // A log file that is missing, or shorter than it was when it was finished, is found at start-up.
    settings.set_track_and_verify_wals_in_manifest(true);
    settings.set_max_total_wal_size(WAL_BYTES_MAX);
    // The default, said aloud: the first inconsistency is an error, not a warning.
    settings.set_paranoid_checks(true);
    // Counted on without being set (`avoid_flush_during_recovery` is off, and has no setter here): what
    // start-up replays goes to tables and is synced. A process that was killed may have left writes that no
    // sync covered; once a reader can see them again, they are durable.

    settings.set_db_write_buffer_size(options.write_buffer_bytes);
    settings.set_max_open_files(OPEN_FILES_MAX);
    settings.set_max_background_jobs(BACKGROUND_JOBS);
    settings.set_bytes_per_sync(BYTES_PER_SYNC);
    // Opening need not read every table for statistics that nobody asks for.
    settings.set_skip_stats_update_on_db_open(true);
    settings.set_stats_dump_period_sec(0);
    settings.set_stats_persist_period_sec(0);
    settings.set_log_level(LogLevel::Info);
    settings.set_keep_log_file_num(INFO_LOG_FILES);
    settings.set_max_log_file_size(INFO_LOG_BYTES);

    // Compaction yields to those who serve. Flushes do not: the writer may have to wait for them.
    let mut env = Env::new().map_err(|cause| Error::disk("set the threads' priorities", cause))?;
    env.lower_thread_pool_cpu_priority();
    settings.set_env(&env);
    Ok(settings)
}

/// For each column family. They share one cache.
pub(super) fn column_families(options: &Options) -> Result<Vec<ColumnFamilyDescriptor>, Error> {
    let cache = Cache::new_lru_cache(options.cache_bytes);

    // Each group's entries come in order, but the groups take turns: the memtable remembers for each group where its last one is,
    // instead of looking for the place of the next. The setting has a name, and no function of its own here.
    let hint =
        format!("memtable_insert_with_hint_prefix_extractor=rocksdb.FixedPrefix.{}", keys::GROUP_BYTES);
    let hinted = rocksdb::Options::default().get_options_from_string(hint).map_err(refused("set a hint"))?;
    let mut log = family(hinted, LOG_MEMTABLE_BYTES, &block_based(&cache));
    // Entries are read back in order or not at all: no filter. They are purged soon: not worth compressing.
    log.set_compression_type(DBCompressionType::None);

    let meta = family(rocksdb::Options::default(), META_MEMTABLE_BYTES, &block_based(&cache));

    let mut blocks = block_based(&cache);
    // Most slots that wake up are read once, by key.
    blocks.set_bloom_filter(BLOOM_BITS_PER_KEY, false);
    let mut state = family(rocksdb::Options::default(), STATE_MEMTABLE_BYTES, &blocks);
    state.set_compression_type(DBCompressionType::Lz4);
    state.set_level_zero_file_num_compaction_trigger(STATE_TABLES_MERGED);

    Ok(vec![
        ColumnFamilyDescriptor::new(families::LOG, log),
        ColumnFamilyDescriptor::new(families::META, meta),
        ColumnFamilyDescriptor::new(families::STATE, state),
    ])
}

fn block_based(cache: &Cache) -> BlockBasedOptions {
    let mut blocks = BlockBasedOptions::default();
    blocks.set_block_cache(cache);
    // Indexes and filters count against the cache's bound too, instead of growing with the data.
    blocks.set_cache_index_and_filter_blocks(true);
    blocks.set_pin_l0_filter_and_index_blocks_in_cache(true);
    blocks
}

fn family(
    mut settings: rocksdb::Options,
    memtable_bytes: usize,
    blocks: &BlockBasedOptions,
) -> rocksdb::Options {
    settings.set_write_buffer_size(memtable_bytes);
    settings.set_max_write_buffer_number(MEMTABLES_MAX);
    settings.set_block_based_table_factory(blocks);
    // There is one writer for all groups. To slow it down because compaction is behind would stop the sale;
    // better to read a little slower for a while.
    settings.set_level_zero_slowdown_writes_trigger(1 << 30);
    settings.set_level_zero_stop_writes_trigger(1 << 30);
    settings.set_soft_pending_compaction_bytes_limit(0);
    settings.set_hard_pending_compaction_bytes_limit(0);
    settings
}
