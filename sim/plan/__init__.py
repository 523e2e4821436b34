"""The plan: a network and policies turned into what the engine carries out, replication by
replication. It holds plain numbers only, is frozen, and can be sent to another process."""
