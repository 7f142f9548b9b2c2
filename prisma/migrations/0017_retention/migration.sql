-- Workers drop the days themselves, since flows may keep their runs for a time of their own.
DROP FUNCTION millrace_drop_partitions(INTEGER);
