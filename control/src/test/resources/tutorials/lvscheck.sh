#!/bin/bash
rs_1=192.168.0.202
rs_2=192.168.0.203
vip=192.168.0.204
. /etc/init.d/functions
function web_result {
rs=`curl -I -s $1|awk 'NR==1{print $2}'`
return $rs
}
function lvs_result {
rs=`ipvsadm -ln|grep $1:80|wc -l`
return $rs
}
function auto_lvs {
web_result $1
a=$?
lvs_result $1
b=$?
if [ $a -ne 200 ] && [ $b -ge 1 ]
then
ipvsadm -d -t $vip:80 -r $1 && \
action "kick $1" /bin/true
fi
if [ $a -eq 200 ] && [ $b -lt 1 ]
then
ipvsadm -a -t $vip:80 -r $1 -g -w 1 && \
action "add $1" /bin/true
fi
}
while true
do
auto_lvs $rs_1
auto_lvs $rs_2
sleep 2
done
