"""The options of RocksDB, and what the stores of a process share."""

from functools import cache

from rocksdict import BlockBasedOptions, Cache, DBCompressionType, Options, SliceTransform

from dynemu.storage.write_buffers import write_buffers

WRITE_BUFFER_BYTES = 32 << 20
BLOCK_CACHE_BYTES = 64 << 20
PREFIX_BYTES = 8
"""What the row keys of a partition have in common at least: the id and the hash."""


@cache
def _block_cache() -> Cache:
    """Return what all stores of the process keep blocks in: however many are open, it takes no more."""
    return Cache(BLOCK_CACHE_BYTES)


def store_options() -> Options:
    """Return the options of RocksDB; docs/adr/0004-storage.md has the measurements behind them."""
    options = Options(raw_mode=True)
    options.create_if_missing(True)
    options.set_write_buffer_size(WRITE_BUFFER_BYTES)
    write_buffers().count(options)
    options.set_allow_concurrent_memtable_write(False)
    options.set_memtable_whole_key_filtering(True)
    options.set_memtable_prefix_bloom_ratio(0.01)
    options.set_prefix_extractor(SliceTransform.create_fixed_prefix(PREFIX_BYTES))
    options.set_level_zero_file_num_compaction_trigger(2)
    options.set_compression_type(DBCompressionType.none())
    options.set_max_file_opening_threads(1)
    options.set_skip_stats_update_on_db_open(True)
    options.set_stats_dump_period_sec(0)
    options.set_stats_persist_period_sec(0)
    options.set_keep_log_file_num(1)
    options.set_max_log_file_size(1 << 20)
    options.set_manifest_preallocation_size(4096)
    blocks = BlockBasedOptions()
    blocks.set_block_size(16 << 10)
    blocks.set_bloom_filter(10, False)
    blocks.set_block_cache(_block_cache())
    options.set_block_based_table_factory(blocks)
    return options
