touch file
canon plugins --plugin-dir nowhere
echo "exit $?"
canon plugins --plugin-dir file
echo "exit $?"
canon --plugin-dir nowhere plugins
echo "exit $?"
canon plugins --plugin-dir
