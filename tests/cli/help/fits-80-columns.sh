for verb in '' convert info diff digest verify plugins help; do canon help $verb; done | grep -E '^.{81}'
echo "exit $?"
