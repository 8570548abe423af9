canon help --man help
