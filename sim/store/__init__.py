"""Result folders: what is written, how it is kept safe, and how it is read again."""
