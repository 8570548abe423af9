for verb in '' convert info plugins help; do canon help $verb; done | grep -E '^.{81}'
echo "exit $?"
