insert into committed default values;
